import { concat, concatMap, defer, EMPTY, type Observable, throwError, toArray } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadRun } from "./DownloadRun.js";
import { recheck } from "./recheck.js";
import type { Recorder } from "./Recorder.js";

/** Somebody who is at the file again and again will not stop. */
const mostTimes = 3;

/**
 * Has the last word on chunks that were complete when they came: when the sink doubts that they are what was written, they are hashed
 * once more, and those that are wrong are transferred again. Without a doubt it is a question to the sink.
 *
 * @throws DownloadError `LOCAL_IO` when nothing could tell what is right, or the file is spoilt again and again.
 */
export function rehash<V>(
  run: DownloadRun,
  recorder: Recorder,
  transfer: (chunks: readonly number[]) => Observable<V>,
): Observable<V> {
  const { manifest, sink } = run.parts;
  const { trust } = recorder;
  const again = (left: number): Observable<V> =>
    concat(
      recorder.listen(),
      recorder.assured(),
      defer(() => {
        // Of a file that only has a digest of the whole, that one tells, and it is compared later.
        if (trust.state === "whole" || manifest.digests === undefined) return EMPTY;
        if (left === 0) return throwError(() => new DownloadError("LOCAL_IO", trust.complaint));
        return recheck(run.progress.complete(), manifest, sink, run.hash).pipe(
          toArray(),
          concatMap((right) => {
            trust.restored();
            const spoilt = run.spoil(right);
            return concat(spoilt.length === 0 ? EMPTY : transfer(spoilt), again(left - 1));
          }),
        );
      }),
    );
  return again(mostTimes);
}
