import type { Observable, SchedulerLike } from "rxjs";
import { map, NEVER, timer } from "rxjs";
import { checkDelay } from "./retryChecks.js";

/** When all patience ends, waits included; progress starts it again. */
export class RetryDeadline {
  /** Scheduler time, ms; `Infinity` for never. */
  at: number;
  readonly #ms: number;
  readonly #scheduler: SchedulerLike;
  readonly #giveUp: () => Error;

  constructor(ms: number, scheduler: SchedulerLike, giveUp: () => Error) {
    this.#ms = ms;
    this.#scheduler = scheduler;
    this.#giveUp = giveUp;
    this.at = scheduler.now() + ms;
  }

  startAgain(): void {
    this.at = this.#scheduler.now() + this.#ms;
  }

  get leftMs(): number {
    return Math.max(0, this.at - this.#scheduler.now());
  }

  /** Returns the delay if it ends before the deadline, else throws. */
  allow(delayMs: number): number {
    if (this.#scheduler.now() + checkDelay(delayMs) >= this.at) throw this.#giveUp();
    return delayMs;
  }

  /** Errors at the deadline. */
  passing(): Observable<never> {
    if (this.at === Infinity) return NEVER;
    return timer(this.leftMs, this.#scheduler).pipe(
      map(() => {
        throw this.#giveUp();
      }),
    );
  }
}
