import type { Subscriber } from "rxjs";
import { Observable } from "rxjs";

interface Write {
  readonly work: Observable<never>;
  readonly done: (isWritten: boolean) => void;
}

/**
 * The writes of one chunk: one after the other, so that none overtakes another to the same place, and each to its end, whoever
 * leaves, because a write cannot be called back. After a failure nothing more is written.
 */
export class WriteQueue {
  readonly #waiting: Write[] = [];
  readonly #listeners = new Set<Subscriber<never>>();
  readonly #mourners = new Set<Subscriber<never>>();
  #running = false;
  #failure: { readonly error: unknown } | undefined;

  /** `done` is called when the write has ended, well or not, or will never be made. */
  add(work: Observable<never>, done: (isWritten: boolean) => void): void {
    if (this.#failure !== undefined) {
      done(false);
      return;
    }
    this.#waiting.push({ work, done });
    if (!this.#running) this.#next();
  }

  /** Completes when everything that was added has been written; errors with the first failure. */
  readonly idle = new Observable<never>((subscriber) => {
    if (this.#failure !== undefined) subscriber.error(this.#failure.error);
    else if (!this.#running) subscriber.complete();
    else {
      this.#listeners.add(subscriber);
      subscriber.add(() => this.#listeners.delete(subscriber));
    }
  });

  /** Errors with the first failure; never completes. */
  readonly broken = new Observable<never>((subscriber) => {
    if (this.#failure !== undefined) subscriber.error(this.#failure.error);
    this.#mourners.add(subscriber);
    subscriber.add(() => this.#mourners.delete(subscriber));
  });

  #next(): void {
    const write = this.#waiting.shift();
    this.#running = write !== undefined;
    if (write === undefined) {
      for (const listener of [...this.#listeners]) listener.complete();
      return;
    }
    write.work.subscribe({
      complete: () => {
        write.done(true);
        this.#next();
      },
      error: (error: unknown) => {
        this.#running = false;
        this.#failure = { error };
        for (const { done } of [write, ...this.#waiting.splice(0)]) done(false);
        for (const listener of [...this.#listeners, ...this.#mourners]) listener.error(error);
      },
    });
  }
}
