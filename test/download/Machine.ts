import type { SchedulerAction, SchedulerLike } from "rxjs";
import { Subscription } from "rxjs";

/** A scheduler in virtual time whose machine can be put to sleep, stopped, and have its wall clock set. */
export class Machine implements SchedulerLike {
  readonly timers = new Set<Timer<unknown>>();
  /** What timers count. */
  monotonic = 0;
  #wallAhead = 0;
  #orders = 0;

  now(): number {
    return this.monotonic + this.#wallAhead;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
    return new Timer(this, work).schedule(state, delayMs);
  }

  nextOrder(): number {
    return this.#orders++;
  }

  /** Lets `ms` go by. */
  run(ms: number): void {
    const end = this.monotonic + ms;
    for (;;) {
      const [next] = [...this.timers].filter(({ dueAt }) => dueAt <= end).sort(sooner);
      if (next === undefined) break;
      this.monotonic = Math.max(this.monotonic, next.dueAt);
      next.fire();
    }
    this.monotonic = Math.max(this.monotonic, end);
  }

  /** Suspended: the wall clock goes on, timers do not. */
  sleep(ms: number): void {
    this.#wallAhead += ms;
  }

  /** The process is stopped, or works for so long: timers are overdue afterwards. */
  stall(ms: number): void {
    this.monotonic += ms;
  }

  /** Somebody sets the wall clock; nothing else happens. */
  setWall(byMs: number): void {
    this.#wallAhead += byMs;
  }
}

class Timer<T> extends Subscription implements SchedulerAction<T> {
  readonly #machine: Machine;
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  dueAt = 0;
  order = 0;
  #state: T | undefined;

  constructor(machine: Machine, work: (this: SchedulerAction<T>, state?: T) => void) {
    super();
    this.#machine = machine;
    this.#work = work;
    this.add(() => machine.timers.delete(this as Timer<unknown>));
  }

  schedule(state?: T, delayMs = 0): Subscription {
    if (this.closed) return this;
    this.#state = state;
    this.dueAt = this.#machine.monotonic + delayMs;
    this.order = this.#machine.nextOrder();
    this.#machine.timers.add(this as Timer<unknown>);
    return this;
  }

  fire(): void {
    this.#machine.timers.delete(this as Timer<unknown>);
    this.#work(this.#state);
  }
}

const sooner = (a: Timer<unknown>, b: Timer<unknown>): number => a.dueAt - b.dueAt || a.order - b.order;
