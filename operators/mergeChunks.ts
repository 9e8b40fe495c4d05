import { concatMap, defer, finalize, merge, Observable, Subject, takeUntil } from "rxjs";
import type { ObservableInput, OperatorFunction } from "rxjs";

/** How many may run at once, or a stream of which each emission lets exactly one more start. */
export type MergeLimit = { readonly concurrency: number } | { readonly admit: Observable<unknown> };

/**
 * Merges what `project` makes of the items of an iterable, and pulls the next item only when it may start: an iterator over a
 * million chunks, or over a plan that still changes, costs what is in flight. Iterables of the source follow one another.
 *
 *     concurrency 2   a and b start, c when the first of them is torn down
 *     project a       --1--2|
 *     project b       ---3-------4|
 *     project c            -5|
 *     result          --13-2-5---4|
 *
 *     admit           x----x-----x
 *     a               1--|
 *     b                    2--|
 *     result          1----2--|          nothing is left when b ends
 *
 * With `admit` each emission pulls once; it is unsubscribed as soon as the iterator has ended. While nothing runs, one item is
 * pulled ahead of its admission, so that the end needs none. The result completes when the iterator has ended and all that
 * started is complete. Errors, and tears the rest down, when an inner stream, `admit`, the iterator
 * or `project` does, and when `admit` completes before the iterator has ended. Unsubscribing stops all inner streams and calls the
 * iterator's `return`.
 */
export function mergeChunks<C, R>(
  project: (chunk: C) => ObservableInput<R>,
  limit: MergeLimit,
): OperatorFunction<Iterable<C>, R> {
  if ("concurrency" in limit && !(limit.concurrency >= 1)) {
    throw new RangeError(`concurrency is ${limit.concurrency}, expected a number of at least 1`);
  }
  return concatMap((chunks) => mergeOne(chunks, project, limit));
}

function mergeOne<C, R>(
  chunks: Iterable<C>,
  project: (chunk: C) => ObservableInput<R>,
  limit: MergeLimit,
): Observable<R> {
  return new Observable((subscriber) => {
    const iterator = chunks[Symbol.iterator]();
    // Streams that run synchronously have no subscription yet that could be ended.
    const stopped = new Subject<void>();
    const exhausted = new Subject<void>();
    let ended = false;
    let starting = false;
    let active = 0;
    let admitted = 0;
    let admitComplete = false;
    /** Pulled while nothing ran, to see whether there is more; starts with the next admission. */
    let ahead: { readonly chunk: C } | undefined;

    const isOver = (): boolean => subscriber.closed;
    const isAtEnd = (): boolean => ended && ahead === undefined;
    const mayStart = (): boolean => ("concurrency" in limit ? active < limit.concurrency : admitted > 0);

    const pull = (): { readonly chunk: C } | undefined => {
      // An iterator that throws is at its end, and one that runs cannot be returned.
      ended = true;
      const next = iterator.next();
      ended = next.done === true;
      if (next.done === true) exhausted.next();
      else if (isOver()) iterator.return?.();
      else return { chunk: next.value };
      return undefined;
    };

    const start = (chunk: C): void => {
      let complete = false;
      active += 1;
      defer(() => project(chunk))
        .pipe(
          // After the teardown, so that no more than the limit are ever open.
          finalize(() => {
            active -= 1;
            if (complete) startAll();
          }),
          takeUntil(stopped),
        )
        .subscribe({
          next: (value) => subscriber.next(value),
          error: (error: unknown) => subscriber.error(error),
          complete: () => (complete = true),
        });
    };

    // A loop that is entered once: what starts, ends or admits inside it only changes what the loop reads. So nothing is lost or
    // counted twice, and a hundred thousand synchronous streams do not grow the stack.
    const startAll = (): void => {
      if (starting) return;
      starting = true;
      try {
        while (!isOver() && !isAtEnd()) {
          if (!mayStart() && !admitComplete) {
            // Nobody may be there to admit any more when the last stream has ended: the end needs no admission.
            if (active > 0 || ahead !== undefined) break;
            ahead = pull();
            continue;
          }
          const isAdmitted = mayStart();
          admitted -= 1;
          const next = ahead ?? pull();
          ahead = undefined;
          if (next === undefined) continue;
          if (isAdmitted) start(next.chunk);
          else subscriber.error(new Error("admit completed before the last item was started"));
        }
      } catch (error) {
        subscriber.error(error);
      }
      starting = false;
      if (isAtEnd() && active === 0) subscriber.complete();
    };

    subscriber.add(() => {
      stopped.next();
      if (!ended) iterator.return?.();
    });
    if ("admit" in limit) {
      limit.admit.pipe(takeUntil(merge(stopped, exhausted))).subscribe({
        next: () => {
          admitted += 1;
          startAll();
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          admitComplete = true;
          startAll();
        },
      });
    }
    startAll();
  });
}
