import type { SchedulerLike } from "rxjs";

const windowMs = 1000;

/**
 * Counts messages and tells when more than `perSecond` of them came within a second, whichever second: it keeps a count for
 * each of the last thousand milliseconds, so a burst at the end of one second and one at the start of the next count together.
 */
export class MessageRate {
  readonly #perSecond: number;
  readonly #scheduler: SchedulerLike;
  /** By millisecond, modulo the window. */
  readonly #counts = new Uint32Array(windowMs);
  #total = 0;
  #now: number;

  constructor(perSecond: number, scheduler: SchedulerLike) {
    this.#perSecond = perSecond;
    this.#scheduler = scheduler;
    this.#now = Math.floor(scheduler.now());
  }

  /** Counts one message. */
  exceeded(): boolean {
    this.#forget(Math.floor(this.#scheduler.now()));
    if (this.#total >= this.#perSecond) return true;
    this.#total += 1;
    this.#counts[this.#now % windowMs] = this.#at(this.#now) + 1;
    return false;
  }

  /** Drops what is a second old. A clock that was set back stands still for us. */
  #forget(now: number): void {
    const from = Math.max(this.#now + 1, now - windowMs + 1);
    for (let ms = from; ms <= now; ms++) {
      this.#total -= this.#at(ms);
      this.#counts[ms % windowMs] = 0;
    }
    this.#now = Math.max(this.#now, now);
  }

  #at(ms: number): number {
    return this.#counts[ms % windowMs] ?? 0;
  }
}
