import type { Observable, SchedulerLike } from "rxjs";
import { concatMap, defer, filter, ignoreElements, merge, Subject, take, tap, throwError, timer } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { AwakeClock } from "./AwakeClock.js";
import type { UntimedEvent } from "./DownloadEvent.js";
import { formatDuration } from "../errors/formatDuration.js";
import type { RetryConfig } from "./RetryConfig.js";

const firstWaitMs = 1000;
const longestWaitMs = 8000;

/** Signs of a lost network, and the means to stop those who ask: `OutageDetector` in a pool, `NetworkWatch` before there is one. */
export interface NetworkSigns {
  /** Emits when no peer can be reached, with the error that says so. */
  readonly lost: Observable<DownloadError>;
  /** Emits when a peer answers after that. */
  readonly found: Observable<unknown>;
  /** A peer joins, who may be reached. */
  readonly joins: Observable<unknown>;
  /** True when this machine has a way out, as its platform says. */
  online: boolean;
  /** Ends all that is under way, by an error that is nobody's failure. */
  interrupt(error: DownloadError): void;
  /** Lets every peer be asked again. */
  wake(): void;
}

export interface OutageParts {
  readonly clock: AwakeClock;
  /** Time that goes on while the clock stands. */
  readonly scheduler: SchedulerLike;
  readonly signs: NetworkSigns;
  /** True while this machine has a way out, as its platform says. */
  readonly online: Observable<boolean>;
  readonly emit: (event: UntimedEvent) => void;
}

/**
 * Time that the machine slept or had no network is nobody's failure. After sleep, all legs are dropped and begin anew from where
 * their chunks are. Without a network the clock of the download stands still, and everybody is asked again after 1, 2, 4, 8, 8 s,
 * or at once when a peer joins or the platform says that there is a network.
 *
 *     signs.lost    ---l-l--l----------
 *     clock         ---p r p  r p    r      paused, resumed
 *     signs.found   -------------------f
 *
 * Errors with `NETWORK_DOWN` after `maxOfflineSecs` of such waits in a row.
 */
export function suspendInOutage(
  { clock, scheduler, signs, online, emit }: OutageParts,
  { maxOfflineSecs }: Pick<RetryConfig, "maxOfflineSecs">,
): Observable<never> {
  return defer(() => {
    const onlineAgain = new Subject<void>();
    let waits = 0;
    let waitedMs = 0;

    /** In a turn of its own: chunks that were interrupted stand in line by then, and go before new ones. */
    const wake = (): Observable<unknown> => timer(0, clock).pipe(tap(() => signs.wake()));

    const waitOut = (error: DownloadError): Observable<unknown> => {
      const leftMs = maxOfflineSecs * 1000 - waitedMs;
      if (leftMs <= 0) {
        const text = `no network for ${formatDuration(waitedMs)}: ${error.message}`;
        return throwError(() => new DownloadError("NETWORK_DOWN", text, { cause: error }));
      }
      const since = scheduler.now();
      const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** waits, leftMs);
      waits++;
      clock.pause();
      emit({ type: "waiting", reason: "offline", untilMs: clock.now() + waitMs });
      signs.interrupt(new DownloadError("NETWORK_DOWN", "this machine has no network", { cause: error }));
      return merge(timer(waitMs, scheduler), onlineAgain, signs.joins, clock.gaps).pipe(
        take(1),
        tap(() => {
          waitedMs += Math.min(waitMs, Math.max(0, scheduler.now() - since));
          clock.resume();
        }),
        concatMap(wake),
      );
    };

    const lost = signs.lost.pipe(concatMap((error) => waitOut(error)));

    const found = signs.found.pipe(
      tap(() => {
        waits = 0;
        waitedMs = 0;
        emit({ type: "notice", message: "The network is back" });
      }),
    );

    const slept = clock.gaps.pipe(
      filter(() => !clock.isPaused),
      tap((gapMs) => {
        const slept = `the machine slept for ${formatDuration(gapMs)}`;
        emit({ type: "notice", message: `Going on: ${slept}` });
        signs.interrupt(new DownloadError("NETWORK_DOWN", slept));
      }),
      concatMap(wake),
    );

    const platform = online.pipe(
      tap((isOnline) => {
        signs.online = isOnline;
        if (isOnline) onlineAgain.next();
      }),
    );
    return merge(slept, lost, found, platform).pipe(ignoreElements());
  });
}
