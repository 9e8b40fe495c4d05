import { concat, concatMap, defer, EMPTY, map, type Observable, throwError, toArray } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadRun } from "./DownloadRun.js";
import type { Recorder } from "./Recorder.js";

/** Times that a spoilt file is mended: a writer that is at it more often will not stop. */
const mostTimes = 3;

/**
 * Has the last word on chunks that were complete when they came: when there is a doubt that they are what was written, they are looked at
 * once more, and those that are wrong are transferred again. Without a doubt it is a question to the sink.
 *
 * @throws DownloadError `LOCAL_IO` when the place is somebody else's, or the file is spoilt again and again.
 */
export function rehash<V>(
  run: DownloadRun,
  recorder: Recorder,
  transfer: (chunks: readonly number[]) => Observable<V>,
): Observable<V> {
  const { trust } = recorder;
  const again = (left: number): Observable<V> =>
    concat(
      recorder.listen(),
      recorder.assured(),
      defer(() => {
        if (trust.state === "whole") return EMPTY;
        if (left === 0) return throwError(() => new DownloadError("LOCAL_IO", trust.complaint));
        return spoiltOnDisk(run).pipe(
          concatMap((spoilt) => {
            trust.restored();
            run.tellProven();
            return concat(spoilt.length === 0 ? EMPTY : transfer(spoilt), again(left - 1));
          }),
        );
      }),
    );
  return again(mostTimes);
}

/** Looks at all chunks that are complete; emits once, those that are wrong on the disk, which are complete no more. */
export function spoiltOnDisk(run: DownloadRun): Observable<readonly number[]> {
  return defer(() => run.recheck(run.progress.complete())).pipe(
    toArray(),
    map((right) => run.spoil(right)),
  );
}
