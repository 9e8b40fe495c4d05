import type { Subscriber } from "rxjs";
import { EMPTY, Observable } from "rxjs";

interface Write {
  readonly work: Observable<number>;
  readonly done: (isWritten: boolean, sum?: number) => void;
  /** How many fences stand before it. */
  readonly fences: number;
  hasBegun: boolean;
  /** CRC-32 of its bytes, if it told one. */
  sum?: number;
  /** True when the write was made, false when it was not; absent until it has ended. */
  isWritten?: boolean;
}

interface Waiter {
  readonly subscriber: Subscriber<never>;
  /** How many writes have to end first. */
  readonly upTo: number;
}

/**
 * The writes of one chunk: side by side, since a disk that has one at a time is idle in between, and told in the order in which they were added, so
 * that what is told to be written has no gap. A fence keeps those behind it from places that are still being written. Each runs to its end,
 * whoever leaves, because a write cannot be called back. After a failure none begins.
 */
export class WriteQueue {
  /** Writes whose end was not told. */
  readonly #writes: Write[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #mourners = new Set<Subscriber<never>>();
  #added = 0;
  #ended = 0;
  #fences = 0;
  /** True when one of the writes that were told was not made. */
  #hasGap = false;
  #failure: { readonly error: unknown } | undefined;

  /** `done` is called when the write, and all before it, have ended, well or not, or will never be made; with what the write emitted last. */
  add(work: Observable<number>, done: (isWritten: boolean, sum?: number) => void): void {
    this.#added += 1;
    this.#writes.push({ work, done, fences: this.#fences, hasBegun: false });
    this.#begin();
  }

  /** Calls `done` as `add` does, for what is no write. */
  afterAll(done: (isWritten: boolean) => void): void {
    if (this.#writes.length > 0) this.add(EMPTY, done);
    else done(!this.#hasGap);
  }

  /** True when everything that was added has ended. */
  get isSettled(): boolean {
    return this.#ended === this.#added;
  }

  /** Writes that are added from now on begin when all before have ended: they may go to the same places. */
  fence(): void {
    this.#fences += 1;
  }

  /** The error of the write that failed. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Completes when everything that was added before has ended, well or not. */
  readonly settled = new Observable<never>((subscriber) => {
    if (this.isSettled) {
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

  /** Begins all that no fence keeps back. */
  #begin(): void {
    const [first] = this.#writes;
    const free = this.#writes.filter(({ hasBegun, fences }) => !hasBegun && fences === first?.fences);
    for (const write of free) {
      write.hasBegun = true;
      if (this.#failure === undefined) this.#write(write);
      else this.#end(write, false);
    }
  }

  #write(write: Write): void {
    write.work.subscribe({
      next: (sum) => (write.sum = sum),
      complete: () => this.#end(write, true),
      error: (error: unknown) => {
        const isFirst = this.#failure === undefined;
        this.#failure ??= { error };
        this.#end(write, false);
        if (isFirst) for (const mourner of [...this.#mourners]) mourner.error(error);
      },
    });
  }

  #end(write: Write, isWritten: boolean): void {
    write.isWritten = isWritten;
    for (let first = this.#writes[0]; first?.isWritten !== undefined; [first] = this.#writes) {
      this.#writes.shift();
      this.#ended += 1;
      this.#hasGap ||= !first.isWritten;
      first.done(!this.#hasGap, first.sum);
      for (const { subscriber, upTo } of [...this.#waiters]) if (this.#ended >= upTo) subscriber.complete();
    }
    this.#begin();
  }
}
