import {
  defer,
  distinctUntilChanged,
  EMPTY,
  from,
  Observable,
  startWith,
  Subject,
  switchMap,
  takeUntil,
  tap,
} from "rxjs";
import type { SchedulerLike } from "rxjs";
import { longestDelayMs } from "./defaults.js";
import { requireBetween } from "./requireBetween.js";
import type { AttemptFn } from "./attempt.js";

/** Milliseconds from 0 to 2^31 - 1, or what tells them; a function is asked again at each check. */
export type LimitMs<P> = number | ((peer: P) => number);

export interface StallGuardConfig<P> {
  /** How long the first value may take, from the subscription on. */
  readonly firstByteMs: LimitMs<P>;
  /** How long the silence after a value may last. */
  readonly idleMs: LimitMs<P>;
  /** Says `true` while we ourselves hold the peer back; that time is nobody's silence. Not held until it says so. */
  readonly held?: Observable<boolean>;
  /** Where time comes from. @default the attempt's own scheduler */
  readonly scheduler?: SchedulerLike;
}

/** A peer that was silent for too long. */
export class StalledError extends Error {
  override readonly name = "StalledError";
  readonly code = "STALLED";
  /** The limit that was passed, in milliseconds. */
  readonly limitMs: number;

  constructor(phase: "first-byte" | "idle", limitMs: number) {
    super(phase === "idle" ? `silent for ${limitMs} ms` : `no first value within ${limitMs} ms`);
    this.limitMs = limitMs;
  }
}

/**
 * Makes an attempt fail when its first value is late, or when it falls silent after a value.
 *
 *     attempt   ---a--b-c-----------
 *     result    ---a--b-c----#          idleMs 5
 *     attempt   --------------
 *     result    -------#                firstByteMs 7
 *
 * Errors with `StalledError` (code `STALLED`), and with `RangeError` when a function tells a limit that no timer can hold. A value
 * at exactly the limit counts. Unsubscribing stops the attempt and the timer. A value costs one look at the clock: the one timer
 * compares at its end, and goes on for what is left.
 *
 *     retryWithPeerSwitch(stallGuard({ firstByteMs: 10_000, idleMs: 2_000 })((peer: Peer) => peer.request(range)))
 */
export function stallGuard<P>({ firstByteMs, idleMs, held = EMPTY, scheduler }: StallGuardConfig<P>) {
  if (typeof firstByteMs === "number") requireBetween("firstByteMs", firstByteMs, 0, longestDelayMs);
  if (typeof idleMs === "number") requireBetween("idleMs", idleMs, 0, longestDelayMs);

  return <Q extends P, T>(attempt: AttemptFn<Q, T>): AttemptFn<Q, T> =>
    (peer, context) =>
      defer(() => {
        const clock = scheduler ?? context.scheduler;
        const silence: Silence = { phase: "first-byte", since: clock.now() };
        const started = new Subject<void>();

        const heard = (): void => {
          silence.since = clock.now();
          if (silence.phase === "idle") return;
          silence.phase = "idle";
          started.next();
        };
        const limitMs = (): number => {
          const [name, limit] =
            silence.phase === "idle" ? (["idleMs", idleMs] as const) : (["firstByteMs", firstByteMs] as const);
          const ms = typeof limit === "number" ? limit : limit(peer);
          requireBetween(name, ms, 0, longestDelayMs);
          return ms;
        };
        const watched = started.pipe(
          startWith(undefined),
          switchMap(() => watch(silence, limitMs, clock)),
        );
        const stalled = held.pipe(
          startWith(false),
          distinctUntilChanged(),
          switchMap((isHeld) => (isHeld ? excused(silence, clock) : watched)),
        );
        // takeUntil passes its notifier's error on, and lets go of the notifier when the attempt ends.
        return from(attempt(peer, context)).pipe(tap(heard), takeUntil(stalled));
      });
}

interface Silence {
  phase: "first-byte" | "idle";
  since: number;
}

/** Errors once the silence is as long as the limit. */
function watch(silence: Silence, limitMs: () => number, clock: SchedulerLike): Observable<never> {
  return new Observable((subscriber) => {
    let doubted: number | undefined;
    /** What is left of the limit: no more than all of it, for a wall clock that was set back. */
    const leftMs = (limit: number): number => Math.min(silence.since + limit - clock.now(), limit);

    return clock.schedule(
      function () {
        try {
          const limit = limitMs();
          if (leftMs(limit) > 0) {
            this.schedule(undefined, leftMs(limit));
          } else if (doubted !== silence.since) {
            // What came while this process was busy is read after the timers: one more turn lets it be heard.
            doubted = silence.since;
            this.schedule(undefined, 0);
          } else {
            subscriber.error(new StalledError(silence.phase, limit));
          }
        } catch (error) {
          subscriber.error(error);
        }
      },
      Math.max(0, leftMs(limitMs())),
    );
  });
}

/** Moves the silence on by the time that this is subscribed. */
function excused(silence: Silence, clock: SchedulerLike): Observable<never> {
  return new Observable(() => {
    const from = clock.now();
    return () => {
      silence.since = clock.now() - Math.max(0, from - silence.since);
    };
  });
}
