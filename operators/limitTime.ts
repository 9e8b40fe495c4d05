import type { MonoTypeOperatorFunction, Observable, SchedulerLike, Subscriber } from "rxjs";
import {
  defer,
  distinctUntilChanged,
  EMPTY,
  finalize,
  identity,
  map,
  NEVER,
  startWith,
  Subscription,
  switchMap,
  takeUntil,
  timer,
} from "rxjs";

/** The whole attempt took longer than it may. */
export class AttemptTimeoutError extends Error {
  override readonly name = "AttemptTimeoutError";
  readonly code = "TIMEOUT";

  constructor(ms: number) {
    super(`no end after ${ms} ms`);
  }
}

/**
 * Errors when the source has not ended after `ms`; a value or an end at exactly `ms` counts. While `held` says `true`, we
 * ourselves keep the source back, and the clock stands still.
 *
 *     source        --a------b--|
 *     limitTime(6)  --a---#
 *
 * @throws AttemptTimeoutError with code `TIMEOUT`.
 */
export function limitTime<T>(
  ms: number,
  scheduler: SchedulerLike,
  held: Observable<boolean> = EMPTY,
): MonoTypeOperatorFunction<T> {
  if (ms === Infinity) return identity;
  const tooLate = defer(() => {
    let leftMs = ms;
    const runDown = defer(() => {
      const since = scheduler.now();
      return timer(leftMs, scheduler).pipe(finalize(() => (leftMs = Math.max(0, leftMs - (scheduler.now() - since)))));
    });
    return held.pipe(
      startWith(false),
      distinctUntilChanged(),
      switchMap((isHeld) => (isHeld ? NEVER : runDown)),
      // One more turn, so that what arrives in this very millisecond comes first.
      switchMap(() => timer(0, scheduler)),
      map(() => {
        throw new AttemptTimeoutError(ms);
      }),
    );
  });
  return takeUntil(tooLate);
}

/** Errors the attempt that runs when it has not ended after `ms`; cheaper than `limitTime`, and made for an attempt that has begun. */
export function limitAttempt(attempt: Subscriber<unknown>, ms: number, scheduler: SchedulerLike): Subscription {
  if (ms === Infinity) return Subscription.EMPTY;
  return scheduler.schedule<boolean>(
    function (isOver) {
      if (isOver) attempt.error(new AttemptTimeoutError(ms));
      else this.schedule(true, 0); // one more turn, so that what arrives in this very millisecond comes first
    },
    ms,
    false,
  );
}
