import type { SchedulerLike } from "rxjs";
import { throwError } from "rxjs";
import type { RetryEvent, UntimedRetryEvent } from "./RetryEvent.js";
import type { GiveUpReason } from "./RetryGaveUpError.js";
import { RetryGaveUpError } from "./RetryGaveUpError.js";

/** Tells the steps of one subscription, and keeps what its end has to name. */
export class RetryJournal<P> {
  attempts = 0;
  /** Of the attempt that failed last. */
  error: unknown;
  readonly #onEvent: ((event: RetryEvent<P>) => void) | undefined;
  readonly #scheduler: SchedulerLike;

  constructor(onEvent: ((event: RetryEvent<P>) => void) | undefined, scheduler: SchedulerLike) {
    this.#onEvent = onEvent;
    this.#scheduler = scheduler;
  }

  /** A listener that throws is reported as unhandled and changes nothing. */
  tell(event: UntimedRetryEvent<P>): void {
    if (this.#onEvent === undefined) return;
    try {
      this.#onEvent({ ...event, at: this.#scheduler.now() });
    } catch (error) {
      throwError(() => error).subscribe();
    }
  }

  /** Tells the end, and returns its error. */
  giveUp(reason: GiveUpReason): RetryGaveUpError {
    this.tell({ type: "gave-up", reason });
    return new RetryGaveUpError(reason, this.attempts, this.error);
  }
}
