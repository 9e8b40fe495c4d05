import type { Observable } from "rxjs";
import { forkJoin, map, of, toArray } from "rxjs";
import { toHex } from "../../manifest/hex.js";
import type { ByteRange, Peer } from "../../peers/Peer.js";
import { type Asking, askMirror } from "./askMirror.js";

/** What a mirror has at a few places, as text: equal for equal bytes. Emits once; errors as `askMirror` does. */
export function sampled(peer: Peer, ranges: readonly ByteRange[], asking: Asking): Observable<string> {
  if (ranges.length === 0) return of("");
  const pieces = ranges.map((range) => askMirror(peer, () => peer.request(range).pipe(toArray()), asking));
  return forkJoin(pieces).pipe(map((found) => printOf(found.flat())));
}

/** The same of bytes that are here. */
export function printOf(pieces: readonly Uint8Array[]): string {
  return pieces.map(toHex).join("");
}
