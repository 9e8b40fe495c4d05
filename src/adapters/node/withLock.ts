import type { Observable } from "rxjs";
import { catchError, retry, switchMap, take, throwError, timer } from "rxjs";
import { codeOf } from "../../errors/codeOf.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { lockDownload } from "./lock.js";

/** Waits of 10, 20, 30 ... 200 ms, about 4 s in all. */
const mostTries = 30;
const longestWaitMs = 200;

/**
 * Does `work` while this process alone holds `<path>.lock`; waits a while for others. Errors with `LOCAL_IO` when one of them
 * does not let go.
 */
export function withLock<T>(path: string, work: () => Promise<T>): Observable<T> {
  return lockDownload(path).pipe(
    retry({
      count: mostTries,
      delay: (error: unknown, tries) => {
        if (codeOf(error) !== "LOCKED") return throwError(() => error);
        // Each its own time, so that those who came together part.
        return timer(Math.min(longestWaitMs, 10 * tries) * (0.5 + Math.random()));
      },
    }),
    catchError((error: unknown) => throwError(() => inUse(path, error))),
    switchMap(() => work()),
    take(1),
  );
}

function inUse(path: string, error: unknown): unknown {
  if (codeOf(error) !== "LOCKED") return error;
  return new DownloadError("LOCAL_IO", `${path} is in use by another process that does not let go of it`, {
    cause: error,
  });
}
