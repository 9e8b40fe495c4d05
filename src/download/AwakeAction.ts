import type { SchedulerAction, SchedulerLike } from "rxjs";
import { Subscription } from "rxjs";

/** Less than this is due: sums of fractions are not exact. */
const dueMs = 0.5;

/** Clock as its actions know it. */
interface ActionClock {
  readonly isPaused: boolean;
  now(): number;
  /** Keeps an action until the clock goes on, or it is released. */
  park(action: AwakeAction<unknown>): void;
  release(action: AwakeAction<unknown>): void;
}

/**
 * Work that is due at a time on an awake clock. The timer runs on the base scheduler, so it may fire too early: then it is set
 * again for what is left.
 */
export class AwakeAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #clock: ActionClock;
  readonly #base: SchedulerLike;
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #timer = Subscription.EMPTY;
  #dueAt = 0;
  #state: T | undefined;

  constructor(clock: ActionClock, base: SchedulerLike, work: (this: SchedulerAction<T>, state?: T) => void) {
    super();
    this.#clock = clock;
    this.#base = base;
    this.#work = work;
    this.add(() => {
      this.#timer.unsubscribe();
      clock.release(this as AwakeAction<unknown>);
    });
  }

  schedule(state?: T, delayMs = 0): Subscription {
    if (this.closed) return this;
    this.#state = state;
    this.#dueAt = this.#clock.now() + delayMs;
    this.#arm(delayMs);
    return this;
  }

  /** The clock goes on. */
  goOn(): void {
    this.#arm(Math.max(0, this.#dueAt - this.#clock.now()));
  }

  #arm(delayMs: number): void {
    this.#timer.unsubscribe();
    this.#timer = this.#base.schedule(() => this.#fire(), delayMs);
  }

  #fire(): void {
    const leftMs = this.#dueAt - this.#clock.now();
    if (this.#clock.isPaused) this.#clock.park(this as AwakeAction<unknown>);
    else if (leftMs >= dueMs) this.#arm(leftMs);
    else this.#run();
  }

  #run(): void {
    try {
      this.#work(this.#state);
    } catch (error) {
      this.unsubscribe();
      throw error;
    }
  }
}
