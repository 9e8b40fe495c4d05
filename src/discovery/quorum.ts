import type { Observable, SchedulerLike } from "rxjs";
import {
  asyncScheduler,
  catchError,
  combineLatest,
  connect,
  delay,
  filter,
  map,
  merge,
  of,
  skip,
  take,
  takeUntil,
  toArray,
} from "rxjs";

export interface QuorumConfig {
  /** How long the others are waited for when more than half have ended and one has succeeded, ms. */
  readonly graceMs: number;
  /** How long they are waited for after the first success in any case, ms. */
  readonly longestMs: number;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** The end of one of several works: its value, or its error. */
export type WorkResult<W, T> = { readonly work: W } & ({ readonly value: T } | { readonly error: unknown });

/**
 * Does all works side by side and emits once what became of them, in their order: when all have ended; `graceMs` after the first that
 * succeeded, if more than half of them have ended by then, so that one that is fast does not decide alone; or `longestMs` after it. Works
 * that have not ended by then are left, and missing in the result.
 *
 *     a        --x|
 *     b        ----#
 *     c        -----------y|
 *     result   ------([a,b]|)        graceMs 4
 */
export function quorum<W, T>(
  works: readonly W[],
  run: (work: W) => Observable<T>,
  { graceMs, longestMs, scheduler = asyncScheduler }: QuorumConfig,
): Observable<readonly WorkResult<W, T>[]> {
  const all = works.map((work) =>
    run(work).pipe(
      take(1),
      map((value): WorkResult<W, T> => ({ work, value })),
      catchError((error: unknown) => of<WorkResult<W, T>>({ work, error })),
    ),
  );
  return merge(...all).pipe(
    connect((results) => {
      const first = results.pipe(
        filter((result) => "value" in result),
        take(1),
      );
      const half = results.pipe(skip(Math.floor(works.length / 2)), take(1), delay(0, scheduler)); // what ends then counts
      const quorum = combineLatest([first.pipe(delay(graceMs, scheduler)), half]);
      return results.pipe(takeUntil(merge(quorum, first.pipe(delay(longestMs, scheduler)))));
    }),
    toArray(),
    map((results) => results.toSorted((a, b) => works.indexOf(a.work) - works.indexOf(b.work))),
  );
}
