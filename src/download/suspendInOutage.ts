import type { Observable } from "rxjs";
import {
  asyncScheduler,
  concatMap,
  defer,
  filter,
  ignoreElements,
  merge,
  NEVER,
  Subject,
  take,
  tap,
  throwError,
  timer,
} from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadRun } from "./DownloadRun.js";
import { formatDuration } from "./formatDuration.js";

const firstWaitMs = 1000;
const longestWaitMs = 8000;

/**
 * Time that the machine slept or had no network is nobody's failure. After sleep, all legs are dropped and begin anew from where
 * their chunks are. Without a network the clock of the download stands still, and everybody is asked again after 1, 2, 4, 8, 8 s,
 * or at once when a peer joins or the platform says that there is a network.
 *
 *     network.lost    ---l-l--l----------
 *     clock         ---p r p  r p    r      paused, resumed
 *     network.found   -------------------f
 *
 * Errors with `NETWORK_DOWN` after `maxOfflineSecs` of such waits in a row.
 */
export function suspendInOutage(run: DownloadRun): Observable<never> {
  const { clock, parts, config } = run;
  const { network } = run.pool;
  // Time goes on there while the clock stands.
  const { scheduler = asyncScheduler, online = NEVER } = parts;
  return defer(() => {
    const onlineAgain = new Subject<void>();
    let waits = 0;
    let waitedMs = 0;

    /** In a turn of its own: chunks that were interrupted stand in line by then, and go before new ones. */
    const wake = (): Observable<unknown> => timer(0, clock).pipe(tap(() => network.wake()));

    const waitOut = (error: DownloadError): Observable<unknown> => {
      const leftMs = config.retry.maxOfflineSecs * 1000 - waitedMs;
      if (leftMs <= 0) {
        const text = `no network for ${formatDuration(waitedMs)}: ${error.message}`;
        return throwError(() => new DownloadError("NETWORK_DOWN", text, { cause: error }));
      }
      const since = scheduler.now();
      const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** waits, leftMs);
      waits++;
      clock.pause();
      run.emit({ type: "waiting", reason: "offline", untilMs: clock.now() + waitMs });
      network.interrupt(new DownloadError("NETWORK_DOWN", "this machine has no network", { cause: error }));
      return merge(timer(waitMs, scheduler), onlineAgain, network.joins, clock.gaps).pipe(
        take(1),
        tap(() => {
          waitedMs += Math.min(waitMs, Math.max(0, scheduler.now() - since));
          clock.resume();
        }),
        concatMap(wake),
      );
    };

    const lost = network.lost.pipe(concatMap((error) => waitOut(error)));

    const found = network.found.pipe(
      tap(() => {
        waits = 0;
        waitedMs = 0;
        run.notice("The network is back");
      }),
    );

    const slept = clock.gaps.pipe(
      filter(() => !clock.isPaused),
      tap((gapMs) => {
        const slept = `the machine slept for ${formatDuration(gapMs)}`;
        run.notice(`Going on: ${slept}`);
        network.interrupt(new DownloadError("NETWORK_DOWN", slept));
      }),
      concatMap(wake),
    );

    const platform = online.pipe(
      tap((isOnline) => {
        network.online = isOnline;
        if (isOnline) onlineAgain.next();
      }),
    );
    return merge(slept, lost, found, platform).pipe(ignoreElements());
  });
}
