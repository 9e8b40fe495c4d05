import type { ObservableInput, Subscriber } from "rxjs";
import { from, Observable, Subscription } from "rxjs";

/** How many may run at once, or a stream of which each emission lets one more start. */
export type MergeLimit = { readonly concurrency: number } | { readonly admit: Observable<unknown> };

/**
 * One subscription of `mergeChunks`, for one iterable. A turn of its loop starts one stream, if one may start and there is one:
 *
 *     admitted, or one ended ──▶ pull ──▶ start ──▶ ... ──▶ one ended
 *                                  │ nothing left, nothing runs
 *                                  ▼
 *                               complete
 *
 * The loop is entered once: what starts, ends or admits inside it only changes what the loop reads. So nothing is lost or counted twice, and
 * a hundred thousand synchronous streams do not grow the stack.
 */
export class ChunkMerge<C, R> {
  readonly #iterator: Iterator<C>;
  readonly #project: (chunk: C) => ObservableInput<R>;
  readonly #limit: MergeLimit;
  readonly #result: Subscriber<R>;
  /** The streams that run. */
  readonly #open = new Subscription();
  #active = 0;
  #admissions = Subscription.EMPTY;
  #admitted = 0;
  #isAdmitComplete = false;
  #isExhausted = false;
  /** An item that was pulled while nothing ran, to see whether there is more; starts with the next admission. */
  #ahead: { readonly chunk: C } | undefined;
  #isLooping = false;

  constructor(
    iterator: Iterator<C>,
    project: (chunk: C) => ObservableInput<R>,
    limit: MergeLimit,
    result: Subscriber<R>,
  ) {
    this.#iterator = iterator;
    this.#project = project;
    this.#limit = limit;
    this.#result = result;
  }

  start(): void {
    this.#result.add(() => {
      this.#admissions.unsubscribe();
      this.#open.unsubscribe();
      if (!this.#isExhausted) this.#iterator.return?.();
    });
    if ("admit" in this.#limit) this.#listen(this.#limit.admit);
    this.#loop();
  }

  #listen(admit: Observable<unknown>): void {
    new Observable<unknown>((admissions) => {
      this.#admissions = admissions;
      admit.subscribe(admissions);
    }).subscribe({
      next: () => {
        this.#admitted += 1;
        this.#loop();
      },
      error: (error: unknown) => this.#result.error(error),
      complete: () => {
        this.#isAdmitComplete = true;
        this.#loop();
      },
    });
  }

  #loop(): void {
    if (this.#isLooping) return;
    this.#isLooping = true;
    try {
      while (!this.#result.closed && !this.#isAtEnd && this.#turn());
    } catch (error) {
      this.#result.error(error);
    }
    this.#isLooping = false;
    if (this.#isAtEnd && this.#active === 0) this.#result.complete();
  }

  get #isAtEnd(): boolean {
    return this.#isExhausted && this.#ahead === undefined;
  }

  get #mayStart(): boolean {
    return "concurrency" in this.#limit ? this.#active < this.#limit.concurrency : this.#admitted > 0;
  }

  /** Starts one stream, or looks whether there is one; false when there is nothing to do until something happens. */
  #turn(): boolean {
    const isAdmitted = this.#mayStart;
    if (!isAdmitted && !this.#isAdmitComplete) {
      // Nobody may be there to admit any more when the last stream has ended: the end needs no admission.
      if (this.#active > 0 || this.#ahead !== undefined) return false;
      this.#ahead = this.#pull();
      return true;
    }
    if ("admit" in this.#limit) this.#admitted -= 1;
    const next = this.#ahead ?? this.#pull();
    this.#ahead = undefined;
    if (next !== undefined && isAdmitted) this.#run(next.chunk);
    else if (next !== undefined) throw new Error("admit completed before the last item was started");
    return true;
  }

  #pull(): { readonly chunk: C } | undefined {
    // An iterator that throws is at its end, and one that runs cannot be returned.
    this.#isExhausted = true;
    const next = this.#iterator.next();
    this.#isExhausted = next.done === true;
    if (next.done === true) this.#admissions.unsubscribe();
    else if (this.#result.closed) this.#iterator.return?.();
    else return { chunk: next.value };
    return undefined;
  }

  #run(chunk: C): void {
    let isComplete = false;
    this.#active += 1;
    new Observable<R>((stream) => {
      this.#open.add(stream); // now: a stream without end may run before `subscribe` returns
      from(this.#project(chunk)).subscribe(stream);
    })
      .subscribe({
        next: (value) => this.#result.next(value),
        error: (error: unknown) => this.#result.error(error),
        complete: () => (isComplete = true),
      })
      // After the teardown, so that no more than the limit are ever open.
      .add(() => {
        this.#active -= 1;
        if (isComplete) this.#loop();
      });
  }
}
