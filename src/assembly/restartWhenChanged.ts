import { catchError, concat, defer, filter, type Observable, of, throwError } from "rxjs";
import type { DownloadEvent } from "../download/DownloadEvent.js";

/** A file that changes again and again is not worth more. */
const mostRestarts = 3;

/**
 * Begins a download anew whose file has become another one on all of its mirrors, with a notice in place of its failure.
 *
 *     run      --s--f#            s: started, f: failed with RESOURCE_CHANGED
 *     again            --s--c|
 *     result   --s--n--s--c|
 */
export function restartWhenChanged(run: Observable<DownloadEvent>, now: () => number): Observable<DownloadEvent> {
  const attempt = (left: number): Observable<DownloadEvent> =>
    defer(() => {
      let begun = false;
      let changed = false;
      return run.pipe(
        filter((event) => {
          begun ||= event.type === "download-started";
          changed ||= begun && left > 0 && event.type === "download-failed" && event.code === "RESOURCE_CHANGED";
          return !changed;
        }),
        catchError((error: unknown) => {
          if (!changed) return throwError(() => error);
          const message = "The file has changed on the server during the download: it is fetched anew";
          return concat(of<DownloadEvent>({ type: "notice", at: now(), message }), attempt(left - 1));
        }),
      );
    });
  return attempt(mostRestarts);
}
