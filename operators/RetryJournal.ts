import type { SchedulerLike } from "rxjs";
import { throwError } from "rxjs";
import type { RetryEvent, UntimedRetryEvent } from "./RetryEvent.js";
import type { FailedAttempt, GiveUpReason } from "./RetryGaveUpError.js";
import { RetryGaveUpError } from "./RetryGaveUpError.js";

/** Errors that are kept for the end. */
const mostErrors = 16;

/** Tells the steps of one subscription, and keeps what its end has to name. */
export class RetryJournal<P> {
  attempts = 0;
  #failed: FailedAttempt[] = [];
  readonly #onEvent: ((event: RetryEvent<P>) => void) | undefined;
  readonly #scheduler: SchedulerLike;

  constructor(onEvent: ((event: RetryEvent<P>) => void) | undefined, scheduler: SchedulerLike) {
    this.#onEvent = onEvent;
    this.#scheduler = scheduler;
  }

  /** Notes why an attempt failed. */
  failed(peer: P, error: unknown): void {
    this.#failed.push({ peer, error });
    if (this.#failed.length > mostErrors) this.#failed.shift();
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

  /** Tells the end, and returns its error. `instead` is the cause of an end before anything failed. */
  giveUp(reason: GiveUpReason, instead?: Error): RetryGaveUpError {
    this.tell({ type: "gave-up", reason });
    const [last] = this.#failed.slice(-1);
    return new RetryGaveUpError(reason, this.attempts, last === undefined ? instead : last.error, this.#failed);
  }
}
