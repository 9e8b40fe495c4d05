import type { Observable, SchedulerLike } from "rxjs";
import { NEVER, timer } from "rxjs";

/** When all patience ends, waits included; progress starts it again. */
export class Deadline {
  /** Scheduler time, ms; `Infinity` for never. */
  at: number;
  readonly #ms: number;
  readonly #scheduler: SchedulerLike;

  constructor(ms: number, scheduler: SchedulerLike) {
    this.#ms = ms;
    this.#scheduler = scheduler;
    this.at = scheduler.now() + ms;
  }

  startAgain(): void {
    this.at = this.#scheduler.now() + this.#ms;
  }

  get leftMs(): number {
    return Math.max(0, this.at - this.#scheduler.now());
  }

  /** Whether a wait that begins now ends before it. */
  allows(delayMs: number): boolean {
    return this.#scheduler.now() + delayMs < this.at;
  }

  /** Emits when it passes. */
  passes(): Observable<unknown> {
    return this.at === Infinity ? NEVER : timer(this.leftMs, this.#scheduler);
  }
}
