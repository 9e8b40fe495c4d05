import type { MonoTypeOperatorFunction, SchedulerLike } from "rxjs";
import { concatMap, identity, takeUntil, throwError, timer } from "rxjs";

/** The whole attempt took longer than it may. */
export class AttemptTimeoutError extends Error {
  override readonly name = "AttemptTimeoutError";
  readonly code = "TIMEOUT";

  constructor(ms: number) {
    super(`no end after ${ms} ms`);
  }
}

/**
 * Errors when the source has not ended after `ms`; a value or an end at exactly `ms` counts.
 *
 *     source        --a------b--|
 *     limitTime(6)  --a---#
 *
 * @throws AttemptTimeoutError with code `TIMEOUT`.
 */
export function limitTime<T>(ms: number, scheduler: SchedulerLike): MonoTypeOperatorFunction<T> {
  if (ms === Infinity) return identity;
  const tooLate = timer(ms, scheduler).pipe(
    // One more turn, so that what arrives in this very millisecond comes first.
    concatMap(() => timer(0, scheduler)),
    concatMap(() => throwError(() => new AttemptTimeoutError(ms))),
  );
  return takeUntil(tooLate);
}
