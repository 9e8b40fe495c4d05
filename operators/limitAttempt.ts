import { type SchedulerLike, type Subscriber, Subscription } from "rxjs";
import { AttemptTimeoutError } from "./AttemptTimeoutError.js";

/**
 * Errors the attempt that runs, with an `AttemptTimeoutError`, when it has not ended after `ms` of the scheduler's time; an end at
 * exactly `ms` counts. For an attempt that has begun, and the cheapest there is.
 */
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
