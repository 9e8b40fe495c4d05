import { asyncScheduler, Observable, Subscription } from "rxjs";
import type { SchedulerLike, Subscriber } from "rxjs";
import { checkOptions, type OptionShapes } from "./checkOptions.js";
import { defaults, longestDelayMs } from "./defaults.js";
import { anyNumber, aScheduler } from "./optionShapes.js";
import { requireBetween } from "./requireBetween.js";
import { TokenBucket } from "./TokenBucket.js";

export interface RetryBudgetConfig {
  /** Tokens in a full bucket, at least 1; it starts full. @default 20 */
  readonly capacity?: number | undefined;
  /** Tokens that a success earns. @default 0.2 */
  readonly perSuccess?: number | undefined;
  /** Tokens that a second earns. @default 1 */
  readonly perSecond?: number | undefined;
  /** Where time comes from. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

export interface RetryBudget {
  /** Tokens in the bucket now, a fraction included. */
  readonly tokens: number;
  /** Earns `perSuccess` tokens. */
  succeeded(): void;
  /**
   * Cold: a subscription takes `cost` tokens (1 when not given), then emits once and completes; at once when they are there and
   * nobody waits, else in its turn, first come first served. Unsubscribing while it waits gives up the place and costs nothing.
   *
   * @throws RangeError when `cost` is more than the capacity, which no wait can bring.
   */
  take(cost?: number): Observable<void>;
  /** True when `take` can only error from now on, however long the wait: then no retry is scheduled. @default false */
  readonly isSpent?: boolean;
  /** Takes `cost` tokens now if at least `keepAbove` are left after that and nobody waits; tells whether it did. */
  tryTake(cost?: number, keepAbove?: number): boolean;
}

const shapes: OptionShapes<RetryBudgetConfig> = {
  capacity: anyNumber,
  perSuccess: anyNumber,
  perSecond: anyNumber,
  scheduler: aScheduler,
};

/**
 * A token bucket that bounds how many retries may be spent on top of what succeeds, so that a sick swarm is not asked ever more
 * often; after the retry budgets of Finagle and of gRPC (A6), with a refill over time and an observable wait.
 *
 *     take()   (v|)                       a token is there
 *     take()   --------(v|)               the bucket is empty: the next one that time or a success brings
 *     take()   -----!                     given up: whoever is next moves up
 *
 * Time is read lazily; at most one timer runs, and only while somebody waits.
 */
export function retryBudget(config: RetryBudgetConfig = {}): RetryBudget {
  checkOptions("retryBudget", config, shapes);
  return new Budget(config);
}

interface Waiter {
  readonly cost: number;
  readonly subscriber: Subscriber<void>;
}

class Budget implements RetryBudget {
  readonly #capacity: number;
  readonly #perSuccess: number;
  readonly #scheduler: SchedulerLike;
  readonly #bucket: TokenBucket;
  /** In the order of arrival; a Set, because places are given up from the middle. */
  readonly #waiting = new Set<Waiter>();
  #timer = Subscription.EMPTY;
  #serving = false;

  constructor({
    capacity = defaults.budget.capacity,
    perSuccess = defaults.budget.perSuccess,
    perSecond = defaults.budget.perSecond,
    scheduler = asyncScheduler,
  }: RetryBudgetConfig) {
    requireBetween("capacity", capacity, 1, Number.MAX_SAFE_INTEGER);
    requireBetween("perSuccess", perSuccess, 0, Number.MAX_SAFE_INTEGER);
    requireBetween("perSecond", perSecond, 0, Number.MAX_SAFE_INTEGER);
    this.#capacity = capacity;
    this.#perSuccess = perSuccess;
    this.#scheduler = scheduler;
    this.#bucket = new TokenBucket({ capacity, perSecond }, scheduler.now());
  }

  get tokens(): number {
    return this.#bucket.tokens(this.#scheduler.now());
  }

  succeeded(): void {
    this.#bucket.add(this.#perSuccess, this.#scheduler.now());
    this.#serve();
  }

  take(cost = 1): Observable<void> {
    requireBetween("cost", cost, 0, this.#capacity);
    return new Observable((subscriber) => {
      const waiter = { cost, subscriber };
      this.#waiting.add(waiter);
      subscriber.add(() => {
        if (this.#waiting.delete(waiter)) this.#serve();
      });
      this.#serve();
    });
  }

  tryTake(cost = 1, keepAbove = 0): boolean {
    requireBetween("cost", cost, 0, this.#capacity);
    const now = this.#scheduler.now();
    if (this.#waiting.size > 0 || !this.#bucket.has(cost + keepAbove, now)) return false;
    this.#bucket.take(cost, now);
    return true;
  }

  /** Serves whoever can be served; a loop, because a token that is handed out may bring the next change at once. */
  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    this.#timer.unsubscribe();
    for (const waiter of this.#waiting) {
      const now = this.#scheduler.now();
      const waitMs = this.#bucket.waitMs(waiter.cost, now);
      if (waitMs > 0) {
        this.#wakeAfter(waitMs);
        break;
      }
      this.#waiting.delete(waiter);
      this.#bucket.take(waiter.cost, now);
      waiter.subscriber.next();
      waiter.subscriber.complete();
    }
    this.#serving = false;
  }

  #wakeAfter(waitMs: number): void {
    if (waitMs === Infinity) return;
    this.#timer = this.#scheduler.schedule(() => this.#serve(), Math.min(waitMs, longestDelayMs));
  }
}
