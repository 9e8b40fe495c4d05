import { defer, EMPTY, ignoreElements, type Observable, tap } from "rxjs";
import type { DownloadRun } from "./DownloadRun.js";
import type { Recorder } from "./Recorder.js";

/**
 * Looks at some chunks that a record claims and a stamp speaks for: disks forget, and times can be set. One that is wrong shakes the trust in all, which
 * `rehash` restores. Emits nothing; errors with `LOCAL_IO`.
 */
export function spotCheck(run: DownloadRun, recorder: Recorder, samples: readonly number[]): Observable<never> {
  return defer(() => {
    if (samples.length === 0) return EMPTY;
    const wrong = new Set(samples);
    return run.recheck(samples).pipe(
      tap({
        next: (index) => wrong.delete(index),
        complete: () => {
          const [first] = wrong;
          if (first === undefined) return;
          recorder.hear({ kind: "bytes", why: `chunk ${first} is not on the disk as the last run left it` });
        },
      }),
      ignoreElements(),
    );
  });
}
