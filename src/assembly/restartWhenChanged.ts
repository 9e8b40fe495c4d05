import { catchError, concat, defer, filter, map, type Observable, of, throwError } from "rxjs";
import { type Account, addRestart } from "../download/Account.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";

/** A file that changes again and again is not worth more. */
const mostRestarts = 3;

/**
 * Begins a download again whose file has become another one on all of its mirrors, with a notice in place of its failure. What is here of it stays
 * until it is known what they have now, which the next run finds out; what came before stays in the account.
 *
 *     run      --s--f#            s: started, f: failed with RESOURCE_CHANGED
 *     again            --s--c|
 *     result   --s--n--s--c|
 */
export function restartWhenChanged(
  run: Observable<DownloadEvent>,
  now: () => number,
  onChanged: () => void,
): Observable<DownloadEvent> {
  const attempt = (left: number, before?: Account): Observable<DownloadEvent> =>
    defer(() => {
      let begun = false;
      let changed: Account | undefined;
      return run.pipe(
        map((event) =>
          "account" in event && before ? { ...event, account: addRestart(before, event.account) } : event,
        ),
        filter((event) => {
          begun ||= event.type === "download-started";
          const isOver = event.type === "download-failed" && event.code === "RESOURCE_CHANGED";
          if (isOver && begun && left > 0) changed = event.account;
          return changed === undefined;
        }),
        catchError((error: unknown) => {
          if (changed === undefined) return throwError(() => error);
          onChanged();
          const message =
            "The file has changed on the server during the download: its mirrors are asked what they have now";
          return concat(of<DownloadEvent>({ type: "notice", at: now(), message }), attempt(left - 1, changed));
        }),
      );
    });
  return attempt(mostRestarts);
}
