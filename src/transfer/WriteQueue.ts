import type { Subscriber } from "rxjs";
import { Observable } from "rxjs";

interface Write {
  readonly work: Observable<never>;
  readonly done: (isWritten: boolean) => void;
}

interface Waiter {
  readonly subscriber: Subscriber<never>;
  /** How many writes have to end first. */
  readonly upTo: number;
}

/**
 * The writes of one chunk: one after the other, so that none overtakes another to the same place, and each to its end, whoever
 * leaves, because a write cannot be called back. After a failure nothing more is written.
 */
export class WriteQueue {
  readonly #waiting: Write[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #mourners = new Set<Subscriber<never>>();
  #added = 0;
  #ended = 0;
  #isRunning = false;
  #failure: { readonly error: unknown } | undefined;

  /** `done` is called when the write has ended, well or not, or will never be made. */
  add(work: Observable<never>, done: (isWritten: boolean) => void): void {
    this.#added += 1;
    this.#waiting.push({ work, done });
    if (!this.#isRunning) this.#next();
  }

  /** The error of the write that failed. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Completes when everything that was added before has ended, well or not. */
  readonly settled = new Observable<never>((subscriber) => {
    if (this.#ended === this.#added) {
      subscriber.complete();
      return;
    }
    const waiter = { subscriber, upTo: this.#added };
    this.#waiters.add(waiter);
    subscriber.add(() => this.#waiters.delete(waiter));
  });

  /** Errors with the first failure; never completes. */
  readonly broken = new Observable<never>((subscriber) => {
    if (this.#failure !== undefined) subscriber.error(this.#failure.error);
    this.#mourners.add(subscriber);
    subscriber.add(() => this.#mourners.delete(subscriber));
  });

  #next(): void {
    const write = this.#waiting.shift();
    this.#isRunning = write !== undefined;
    if (write === undefined) return;
    if (this.#failure !== undefined) {
      this.#end(write, false);
      return;
    }
    write.work.subscribe({
      complete: () => this.#end(write, true),
      error: (error: unknown) => {
        this.#failure = { error };
        this.#end(write, false);
        for (const mourner of [...this.#mourners]) mourner.error(error);
      },
    });
  }

  #end({ done }: Write, isWritten: boolean): void {
    this.#ended += 1;
    done(isWritten);
    for (const { subscriber, upTo } of [...this.#waiters]) if (this.#ended >= upTo) subscriber.complete();
    this.#next();
  }
}
