import { catchError, type Observable } from "rxjs";
import type { ByteRange, Peer } from "../../peers/Peer.js";
import type { Asking } from "./askMirror.js";
import { sampled } from "./sampled.js";

/** What several mirrors of one file have at a few places, by the first that answers; nothing when there are none. Errors as the last does. */
export function sampledByAny(
  [first, ...others]: readonly Peer[],
  ranges: readonly ByteRange[],
  asking: Asking,
): Observable<string> | undefined {
  return (
    first &&
    others.reduce(
      (before, mirror) => before.pipe(catchError(() => sampled(mirror, ranges, asking))),
      sampled(first, ranges, asking),
    )
  );
}
