import { defer, map, type Observable, reduce, takeWhile } from "rxjs";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import type { ByteRange } from "../../peers/Peer.js";
import { type Asking, askMirror } from "./askMirror.js";
import { printOf } from "./sampled.js";

/** What a mirror that sends only whole files has where they begin, as `sampled`; nothing when other places are wanted, too. */
export function sampledHead(
  mirror: HttpPeer | undefined,
  ranges: readonly ByteRange[],
  asking: Asking,
): Observable<string> | undefined {
  if (mirror === undefined || ranges.length === 0 || ranges.some(({ position }) => position > 0)) return undefined;
  const longest = Math.max(...ranges.map(({ length }) => length));
  return askMirror(mirror, () => head(mirror, longest), asking).pipe(
    map((bytes) => printOf(ranges.map(({ length }) => bytes.subarray(0, length)))),
  );
}

/** The first bytes of the whole, which is dropped then; fewer when the file is shorter. */
function head(mirror: HttpPeer, length: number): Observable<Uint8Array> {
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
