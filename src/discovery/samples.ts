import { catchError, defer, forkJoin, map, type Observable, of, reduce, takeWhile, toArray } from "rxjs";
import { toHex } from "../manifest/hex.js";
import type { ByteRange } from "../peers/Peer.js";
import { askMirror, type AskMirrorConfig } from "./askMirror.js";
import type { Discovery } from "./Discovery.js";
import type { Mirror } from "./Mirror.js";

const sampleBytes = 4096;

/**
 * A few ranges by which two places are compared that claim to have the same file: its start, its middle and its end. A difference
 * elsewhere they do not show; a digest does.
 */
export function sampleRanges(size: number): readonly ByteRange[] {
  const length = Math.min(size, sampleBytes);
  const starts = new Set([0, Math.floor((size - length) / 2), size - length]);
  return length === 0 ? [] : Array.from(starts, (position) => sampleAt(position, length));
}

/** A range by which a place of the caller's choice is compared: at most 4096 bytes from `position` on. */
export function sampleAt(position: number, length = sampleBytes): ByteRange {
  return { chunk: 0, offset: position, length: Math.min(length, sampleBytes), position };
}

/** The samples of a mirror as text: equal for equal bytes. Emits once; errors as `askMirror` does. */
export function sampled(
  mirror: Pick<Mirror, "id" | "request">,
  ranges: readonly ByteRange[],
  discovery: Discovery,
  asking?: AskMirrorConfig,
): Observable<string> {
  if (ranges.length === 0) return of("");
  const pieces = ranges.map((range) =>
    askMirror(mirror, () => mirror.request(range).pipe(toArray()), discovery, asking),
  );
  return forkJoin(pieces).pipe(map((found) => printOf(found.flat())));
}

/** The samples of bytes that are here, as the text that `sampled` gives. */
export function printOf(pieces: readonly Uint8Array[]): string {
  return pieces.map(toHex).join("");
}

/** The samples of the first of several mirrors of one file that answers; `undefined` when there are none. Emits once; errors as the last mirror does. */
export function sampledByAny(
  [first, ...others]: readonly Pick<Mirror, "id" | "request">[],
  ranges: readonly ByteRange[],
  discovery: Discovery,
): Observable<string> | undefined {
  return (
    first &&
    others.reduce(
      (before, mirror) => before.pipe(catchError(() => sampled(mirror, ranges, discovery))),
      sampled(first, ranges, discovery),
    )
  );
}

/** The samples of a mirror that sends only whole files, where all ranges begin with the file; `undefined` when other places are wanted, too. */
export function sampledHead(
  mirror: Mirror | undefined,
  ranges: readonly ByteRange[],
  discovery: Discovery,
  asking?: AskMirrorConfig,
): Observable<string> | undefined {
  if (mirror === undefined || ranges.length === 0 || ranges.some(({ position }) => position > 0)) return undefined;
  const longest = Math.max(...ranges.map(({ length }) => length));
  return askMirror(mirror, () => head(mirror, longest), discovery, asking).pipe(
    map((bytes) => printOf(ranges.map(({ length }) => bytes.subarray(0, length)))),
  );
}

/** The first bytes of the whole, which is dropped then; fewer when the file is shorter. */
function head(mirror: Mirror, length: number): Observable<Uint8Array> {
  return defer(() => {
    let came = 0;
    return mirror.whole().pipe(
      takeWhile((bytes) => (came += bytes.length) < length, true),
      reduce<Uint8Array, Uint8Array>((all, bytes) => {
        const both = new Uint8Array(Math.min(length, all.length + bytes.length));
        both.set(all);
        both.set(bytes.subarray(0, both.length - all.length), all.length);
        return both;
      }, new Uint8Array()),
    );
  });
}
