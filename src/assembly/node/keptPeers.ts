import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  catchError,
  concatMap,
  defaultIfEmpty,
  defer,
  EMPTY,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  take,
} from "rxjs";
import { readCheckpoint } from "../../adapters/node/checkpointStore.js";
import { scopeOf } from "../../adapters/network/scopeOf.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import { parseIpPlace } from "../../protocol/ipPlace.js";
import type { MetPeer } from "../../storage/MetPeer.js";
import type { Place } from "./prepareTarget.js";

const ending = ".part.json";
/** Records of a folder that are looked at for that of a file whose name nobody knows yet, and how many at a time. */
const mostRecords = 256;
const atOnce = 8;

/**
 * The peers that an earlier run of a download met and found of use, by the record beside its file, in their order. They are strangers as they were then: IP addresses alone, and what
 * was public leads nowhere else. Emits once; nobody where there is no record, or none that can be read, of which the download itself tells.
 *
 * @param name as it is known, if it is; where it is not, all records of the folder are looked at
 */
export function keptPeers(root: string, { out, dir = "." }: Place, name?: string): Observable<readonly NamedAddress[]> {
  return recordsOf(out ?? name, dir).pipe(
    mergeMap((path) => readCheckpoint(path).pipe(catchError(() => EMPTY)), atOnce),
    concatMap((record) => (record.root === root ? of(record.met ?? []) : EMPTY)),
    take(1),
    defaultIfEmpty<readonly MetPeer[], readonly MetPeer[]>([]),
    map((met) => met.flatMap(named)),
  );
}

function recordsOf(file: string | undefined, dir: string): Observable<string> {
  if (file !== undefined) return of(resolve(dir, file) + ending);
  return defer(() => readdir(dir)).pipe(
    // A folder that is not there yet has no records.
    catchError(() => of<string[]>([])),
    concatMap((names) => from(names.filter((each) => each.endsWith(ending)))),
    take(mostRecords),
    map((each) => join(dir, each)),
  );
}

function named({ url, source }: MetPeer): readonly NamedAddress[] {
  const told = parseIpPlace(url);
  if (told === undefined) return [];
  return [{ url: told.place, publicOnly: scopeOf(told.address) === "public", source }];
}
