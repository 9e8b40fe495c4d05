import { defaultIfEmpty, map, type Observable, take } from "rxjs";
import { scopeOf } from "../../adapters/network/scopeOf.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import { parseIpPlace } from "../../protocol/ipPlace.js";
import type { MetPeer } from "../../storage/MetPeer.js";
import { begunFiles } from "./begunFiles.js";
import type { Place } from "./prepareTarget.js";

/**
 * The peers that an earlier run of a download met and found of use, by the record beside its file, in their order. They are strangers as they were then: IP
 * addresses alone, and what was public leads nowhere else. Emits once; nobody where there is no record, or none that can be read.
 *
 * @param file `name` as it is known, if it is; where it is not, all records of the folder are looked at
 * @param ways by which they were met
 */
export function keptPeers(
  { root, place, name }: { readonly root: string; readonly place: Place; readonly name?: string | undefined },
  ways: readonly MetPeer["source"][],
): Observable<readonly NamedAddress[]> {
  return begunFiles(root, place, name).pipe(
    map(({ record }) => record.met ?? []),
    take(1),
    defaultIfEmpty<readonly MetPeer[], readonly MetPeer[]>([]),
    map((met) => met.filter(({ source }) => ways.includes(source)).flatMap(named)),
  );
}

function named({ url }: MetPeer): readonly NamedAddress[] {
  const told = parseIpPlace(url);
  if (told === undefined) return [];
  return [{ url: told.place, publicOnly: scopeOf(told.address) === "public", source: "record" }];
}
