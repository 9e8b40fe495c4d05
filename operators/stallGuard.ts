import { defer, EMPTY, from, Observable, takeUntil, tap } from "rxjs";
import type { SchedulerLike } from "rxjs";
import type { AttemptFn } from "./attempt.js";
import { checkOptions, checkShape, type OptionShapes } from "./checkOptions.js";
import { Deadline } from "./Deadline.js";
import { longestDelayMs } from "./defaults.js";
import { aFunction, anObservable, anyNumber, aScheduler, either } from "./optionShapes.js";
import { requireBetween } from "./requireBetween.js";

/** Milliseconds from 0 to 2^31 - 1, or what tells them; a function is asked again at each check. */
export type LimitMs<P> = number | ((peer: P) => number);

export interface StallGuardConfig<P> {
  /** How long the first value may take, from the subscription on. */
  readonly firstByteMs: LimitMs<P>;
  /** How long the silence after a value may last. */
  readonly idleMs: LimitMs<P>;
  /** Back-pressure: `true` while we ourselves keep the peer back, which is nobody's silence. @default never */
  readonly paused?: Observable<boolean> | undefined;
  /** The clock and the timers. @default the attempt's own scheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

const shapes: OptionShapes<StallGuardConfig<unknown>> = {
  firstByteMs: either(anyNumber, aFunction),
  idleMs: either(anyNumber, aFunction),
  paused: anObservable("true and false"),
  scheduler: aScheduler,
};

/**
 * Makes an attempt fail when its first value is late, or when it falls silent after a value.
 *
 *     attempt   ---a--b-c-----------
 *     result    ---a--b-c----#          idleMs 5
 *     attempt   --------------
 *     result    -------#                firstByteMs 7
 *
 * Errors with `StalledError` (code `STALLED`), and with `RangeError` when a function tells a limit that no timer can hold. A value
 * at exactly the limit counts. Unsubscribing stops the attempt and the timer. A value costs one look at the clock: see `Deadline`.
 *
 *     retryWithPeerSwitch(stallGuard({ firstByteMs: 10_000, idleMs: 2_000 })((peer: Peer) => peer.request(range)))
 */
export function stallGuard<P>(config: StallGuardConfig<P>) {
  checkOptions("stallGuard", config, shapes);
  const { firstByteMs, idleMs, paused = EMPTY, scheduler } = config;
  if (typeof firstByteMs !== "function") requireBetween("firstByteMs", firstByteMs, 0, longestDelayMs);
  if (typeof idleMs !== "function") requireBetween("idleMs", idleMs, 0, longestDelayMs);

  return <Q extends P, T>(attempt: AttemptFn<Q, T>): AttemptFn<Q, T> => {
    checkShape("attempt", attempt, aFunction);
    return (peer, context) =>
      defer(() => {
        const limit = (ms: LimitMs<P>) => () => (typeof ms === "number" ? ms : ms(peer));
        const limits = { firstByteMs: limit(firstByteMs), idleMs: limit(idleMs) };
        let heard = (): void => undefined;
        const stalled = new Observable<never>((subscriber) => {
          const deadline = new Deadline(limits, scheduler ?? context.scheduler, (error) => subscriber.error(error));
          heard = () => deadline.heard();
          subscriber.add(() => deadline.stop());
          subscriber.add(
            paused.subscribe({
              next: (isPaused) => deadline.pause(isPaused),
              error: (error: unknown) => subscriber.error(error),
            }),
          );
          deadline.start();
        });
        // takeUntil passes its notifier's error on, and lets go of the notifier when the attempt ends.
        return from(attempt(peer, context)).pipe(
          tap(() => heard()),
          takeUntil(stalled),
        );
      });
  };
}
