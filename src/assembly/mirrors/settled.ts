import type { Observable } from "rxjs";
import { catchError, connect, delay, filter, map, merge, of, take, takeUntil, toArray } from "rxjs";

/** What became of one of several works: its value, or its error. */
export type Settled<W, T> = { readonly work: W } & ({ readonly value: T } | { readonly error: unknown });

/**
 * Does all works side by side and emits once what became of them, in their order: when all have ended, or `graceMs` after the first
 * that succeeded. Those that have not ended by then are left, and missing in the result.
 *
 *     a        --x|
 *     b        ----#
 *     c        -----------y|
 *     result   ------([a,b]|)        graceMs 4
 */
export function settled<W, T>(
  works: readonly W[],
  run: (work: W) => Observable<T>,
  graceMs: number,
): Observable<readonly Settled<W, T>[]> {
  const all = works.map((work) =>
    run(work).pipe(
      take(1),
      map((value): Settled<W, T> => ({ work, value })),
      catchError((error: unknown) => of<Settled<W, T>>({ work, error })),
    ),
  );
  return merge(...all).pipe(
    connect((results) => {
      const over = results.pipe(
        filter((result) => "value" in result),
        delay(graceMs),
      );
      return results.pipe(takeUntil(over));
    }),
    toArray(),
    map((results) => results.toSorted((a, b) => works.indexOf(a.work) - works.indexOf(b.work))),
  );
}
