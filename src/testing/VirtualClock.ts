import type { SchedulerAction, SchedulerLike } from "rxjs";
import { Subscription } from "rxjs";
import { longestDelayMs } from "../../operators/defaults.js";
import { Heap, type HeapMember } from "../peers/Heap.js";

interface Pending extends HeapMember {
  dueMs: number;
  /** Decides among equal times: who came first. */
  order: number;
  execute(): void;
}
type Put = (timer: Pending, delayMs: number) => void;
type Drop = (timer: Pending) => void;
type Work<T> = (this: SchedulerAction<T>, state: T) => void;

/**
 * Time that passes only when it is told to: a scheduler for a whole swarm. Timers due at the same time run in the order in which
 * they were scheduled; each of n costs O(log n), where rxjs's own virtual scheduler sorts them all; a cancelled timer leaves
 * nothing behind.
 *
 * Time goes in whole milliseconds, as a machine's timers do: a fraction of one is rounded up, so that no wait is too short to pass.
 *
 *     clock.schedule(work, 2.5)   at 0
 *     clock.run(10)               ---w-------   work at 3, now() is 10 in the end
 *
 * @throws RangeError at `schedule` for a delay that no timer can keep: in Node it would fire at once.
 */
export class VirtualClock implements SchedulerLike {
  readonly #queue = new Heap<Pending>(isBefore);
  #now = 0;
  #scheduled = 0;

  /** Milliseconds since the clock was made. */
  now(): number {
    return this.#now;
  }

  /** How many timers run. */
  get pending(): number {
    return this.#queue.size;
  }

  /** When the next timer is due, or `undefined` when none runs. */
  get nextMs(): number | undefined {
    return this.#queue.first?.dueMs;
  }

  /** Runs `work` after `delayMs`; unsubscribing cancels it. As with any rxjs scheduler, `this.schedule` in the work runs it again. */
  schedule<T>(work: (this: SchedulerAction<T>, state: T) => void, delayMs = 0, state?: T): Subscription {
    return new Timer(work, this.#put, this.#drop).schedule(state, delayMs);
  }

  readonly #put: Put = (timer, delayMs) => {
    if (Number.isNaN(delayMs) || delayMs > longestDelayMs) {
      throw new RangeError(`a delay is ${delayMs} ms; it must be at most ${longestDelayMs}`);
    }
    timer.dueMs = this.#now + Math.max(0, Math.ceil(delayMs));
    timer.order = this.#scheduled++;
    this.#queue.put(timer);
  };

  readonly #drop: Drop = (timer) => this.#queue.delete(timer);

  /** Goes to the next timer and runs it; returns whether there was one. Errors of its work are thrown here. */
  step(): boolean {
    const timer = this.#queue.first;
    if (timer === undefined) return false;
    this.#queue.delete(timer);
    this.#now = timer.dueMs;
    timer.execute();
    return true;
  }

  /**
   * Runs all that is due until `untilMs`, and all that this leads to; then it is `untilMs`, unless there is no such time. Errors
   * of a work are thrown here; the other timers stay, and `run` may be called again.
   *
   * @default until nothing is scheduled any more
   */
  run(untilMs = Infinity): void {
    while ((this.nextMs ?? Infinity) <= untilMs && this.step());
    if (untilMs < Infinity) this.#now = Math.max(this.#now, untilMs);
  }
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** One piece of work, and when it is due: what rxjs calls an action. Work may be scheduled again and again. */
class Timer<T> extends Subscription implements SchedulerAction<T>, Pending {
  dueMs = 0;
  order = 0;
  place = -1;
  readonly #work: Work<T>;
  readonly #put: Put;
  readonly #drop: Drop;
  #state: T | undefined;

  constructor(work: Work<T>, put: Put, drop: Drop) {
    super();
    this.#work = work;
    this.#put = put;
    this.#drop = drop;
  }

  schedule(state?: T, delayMs = 0): Subscription {
    if (this.closed) return this;
    this.#state = state;
    this.#put(this, delayMs);
    return this;
  }

  execute(): void {
    try {
      this.#work.call(this, this.#state as T);
    } catch (error) {
      this.unsubscribe();
      throw error;
    }
  }

  override unsubscribe(): void {
    this.#drop(this);
    super.unsubscribe();
  }
}
