import { combineLatest, EMPTY, map, type Observable, of, shareReplay, startWith, throwError } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { type Address, addressText } from "../protocol/Address.js";
import type { NamedAddress } from "../peers/NamedAddress.js";
import { parseMirror } from "../protocol/parseMirror.js";
import { parsePlace } from "./parseSources.js";
import type { FileRequest } from "./FileRequest.js";

/** Links and mirrors, those that were named first and those that come and go. */
export interface LiveSources {
  /** `ws://host:port/ROOT`. */
  readonly links: Observable<readonly string[]>;
  readonly mirrors: Observable<readonly string[]>;
}

/**
 * Sorts what comes later as what was there first. Seeders cannot serve a file that only mirrors vouch for: such a link is told of, once, and
 * left out. Mirrors that were `found` count as those that were named last. Errors with a `TypeError` for a link to another file,
 * and with that of `wantOfNames`, if there is one: what is here already may be all that is wanted.
 */
export function moreSources(
  request: FileRequest,
  more: Observable<readonly (Address | NamedAddress)[]> | undefined,
  onTrouble: (text: string) => void,
  found: Observable<readonly string[]> = EMPTY,
): LiveSources {
  const { root, places, mirrors } = request;
  const want = wantOfNames(request, more);
  if (want !== undefined) {
    const nobody = throwError(() => want);
    return { links: nobody, mirrors: nobody };
  }
  const leftOut = new Set<string>();
  const leaveOut = (text: string): void => {
    if (leftOut.has(text)) return;
    leftOut.add(text);
    onTrouble(`${parsePlace(text).place} is not asked: nobody told a digest by which its file could be known`);
  };
  const others = (more ?? of([])).pipe(
    map(textsOf),
    startWith<readonly string[]>([]),
    map((texts) => {
      const isMirror = (text: string): boolean => /^https?:/i.test(text);
      const links = texts.filter((text) => !isMirror(text));
      if (root === undefined) links.forEach(leaveOut);
      return {
        places: root === undefined ? [] : links.map((text) => placeOf(text, root)),
        mirrors: texts.filter(isMirror).map((text) => parseMirror(text).url.href),
      };
    }),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  return {
    links: others.pipe(
      map((added) => Array.from(new Set([...places, ...added.places]), (place) => `${place}/${root ?? ""}`)),
    ),
    mirrors: combineLatest([others, found.pipe(startWith<readonly string[]>([]))]).pipe(
      map(([added, more]) => [...new Set([...mirrors, ...added.mirrors, ...more])]),
    ),
  };
}

/** @throws TypeError for one address in the place of a list. */
function textsOf(list: readonly (Address | NamedAddress)[]): readonly string[] {
  if (Array.isArray(list)) return list.map(textOf);
  throw new TypeError(
    `peers emitted ${JSON.stringify(list)}; it must emit lists of places, such as of(["ws://host:port"])`,
  );
}

const textOf = (address: Address | NamedAddress): string => (isNamed(address) ? address.url : addressText(address));

/** True for an address that somebody else than the user named. */
export function isNamed(address: Address | NamedAddress): address is NamedAddress {
  return typeof address === "object" && "publicOnly" in address;
}

/**
 * The error `NOBODY_NAMED` of a file of which no place is named, and nobody may come later; nothing where somebody is, or may. Addresses can be missing from a
 * Metalink alone: all other sources are addresses.
 */
export function wantOfNames(
  { root, name, places, mirrors }: FileRequest,
  more: Observable<unknown> | undefined,
): DownloadError | undefined {
  if (more !== undefined || places.length + mirrors.length > 0) return undefined;
  const none = `the Metalink names no mirror and no seeder${name === undefined ? "" : ` of ${JSON.stringify(name)}`}`;
  const others =
    root === undefined
      ? ""
      : ", or a seeder (tributary get -p ws://host:port), or have peers found by its root (tributary get --dht, --lan)";
  return new DownloadError("NOBODY_NAMED", `${none}; give the http(s) address of a mirror${others}`);
}

function placeOf(text: string, wanted: string): string {
  const { place, root = wanted } = parsePlace(text);
  if (root === wanted) return place;
  throw new TypeError(`${JSON.stringify(text)} is a link to another file; expected ${wanted}`);
}
