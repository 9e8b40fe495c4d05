import { asyncScheduler, first, map, type Observable, type SchedulerLike, throwError, timeout, timer } from "rxjs";
import { DownloadError } from "../../index.js";

/** How long a daemon that was asked to end may take, ms: it writes what runs to the disk first. */
const mostMs = 60_000;
const lookEveryMs = 100;

/** Emits true when the process of a daemon that was asked to end has let go of the list. Errors with `LOCKED` when it has not after a minute. */
export function gone(pid: number, isThere: () => boolean, scheduler: SchedulerLike = asyncScheduler): Observable<true> {
  const text = `the daemon, process ${pid}, was asked to end and still has the list after ${mostMs / 1000} s; daemon.log in the state folder may say why, and kill ${pid} ends it`;
  return timer(0, lookEveryMs, scheduler).pipe(
    first(() => !isThere()),
    map(() => true as const),
    timeout({
      ...{ first: mostMs, scheduler },
      with: () => throwError(() => new DownloadError("LOCKED", text)),
    }),
  );
}
