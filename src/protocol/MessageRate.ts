import type { SchedulerLike } from "rxjs";

const windowMs = 1000;

/** Counts messages and tells when more than `perSecond` of them came within a second. */
export class MessageRate {
  readonly #perSecond: number;
  readonly #scheduler: SchedulerLike;
  #count = 0;
  #since: number;

  constructor(perSecond: number, scheduler: SchedulerLike) {
    this.#perSecond = perSecond;
    this.#scheduler = scheduler;
    this.#since = scheduler.now();
  }

  /** Counts one message. The clock is read only once in `perSecond` messages, so counting costs next to nothing. */
  exceeded(): boolean {
    this.#count += 1;
    if (this.#count <= this.#perSecond) return false;
    const now = this.#scheduler.now();
    if (now - this.#since < windowMs) return true;
    this.#since = now;
    this.#count = 1;
    return false;
  }
}
