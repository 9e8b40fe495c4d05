import type { Observable, SchedulerLike } from "rxjs";
import {
  asyncScheduler,
  catchError,
  connect,
  defaultIfEmpty,
  defer,
  delay,
  filter,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  switchMap,
  take,
  tap,
} from "rxjs";

export interface QuorumConfig<W> {
  /** How long the others are waited for when more than half have ended and one has succeeded, ms. */
  readonly graceMs: number;
  /** How long they are waited for after the first success in any case, ms. */
  readonly longestMs: number;
  /** Works that have failed in passing, and go on. @default none */
  readonly failing?: Observable<W>;
  /** Emits when a caller waits for the result, and no longer for works that have failed in passing. @default never */
  readonly hurry?: Observable<unknown>;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** The end of one of several works: its value, or its error. */
export type WorkResult<W, T> = { readonly work: W } & ({ readonly value: T } | { readonly error: unknown });

/**
 * Does all works side by side, also those that join the list later, and emits once what became of them, in their order: when all have ended;
 * `graceMs` after the first that succeeded, if more than half of them have ended by then, so that one that is fast does not decide alone; `longestMs`
 * after it; or, in a hurry, when one has succeeded and each of the others has failed at least once. Works that have not ended by then are left, and
 * missing in the result.
 *
 *     a        --x|
 *     b        ----#
 *     c        -----------y|
 *     result   ------([a,b]|)        graceMs 4
 */
export function quorum<W, T>(
  lists: Observable<readonly W[]>,
  run: (work: W) => Observable<T>,
  { graceMs, longestMs, failing = NEVER, hurry = NEVER, scheduler = asyncScheduler }: QuorumConfig<W>,
): Observable<readonly WorkResult<W, T>[]> {
  return defer(() => {
    const count = new Count<W, T>();
    return lists.pipe(
      mergeMap((works) => {
        const ends = count.join(works).map((work) => endOf(work, run(work)).pipe(tap((end) => count.end(work, end))));
        return merge(of(undefined), ...ends);
      }),
      connect((news) => {
        const first = news.pipe(
          filter(() => count.hasSuccess),
          take(1),
        );
        return merge(
          news,
          first.pipe(
            delay(graceMs, scheduler),
            tap(() => (count.isGraceOver = true)),
          ),
          first.pipe(
            delay(longestMs, scheduler),
            tap(() => (count.isOver = true)),
          ),
          failing.pipe(tap((work) => count.failed.add(work))),
          hurry.pipe(tap(() => (count.isUrgent = true))),
        );
      }),
      filter(() => count.isComplete || count.isEnough),
      switchMap(() => (count.isComplete ? of(undefined) : of(undefined).pipe(delay(0, scheduler)))), // what ends then counts
      take(1),
      map(() => count.results),
    );
  });
}

/** A work without a value ends without a result. */
function endOf<W, T>(work: W, running: Observable<T>): Observable<WorkResult<W, T> | undefined> {
  return running.pipe(
    take(1),
    map((value): WorkResult<W, T> => ({ work, value })),
    catchError((error: unknown) => of<WorkResult<W, T>>({ work, error })),
    defaultIfEmpty(undefined),
  );
}

/** How far several works have come. */
class Count<W, T> {
  readonly failed = new Set<W>();
  isGraceOver = false;
  isOver = false;
  isUrgent = false;
  #works: readonly W[] | undefined;
  readonly #ends = new Map<W, WorkResult<W, T> | undefined>();

  /** The works that are new among these. */
  join(works: readonly W[]): readonly W[] {
    const known = this.#works ?? [];
    const added = works.filter((work) => !known.includes(work));
    this.#works = [...known, ...added];
    return added;
  }

  end(work: W, result: WorkResult<W, T> | undefined): void {
    this.#ends.set(work, result);
  }

  get hasSuccess(): boolean {
    return this.results.some((result) => "value" in result);
  }

  get isComplete(): boolean {
    return this.#works?.every((work) => this.#ends.has(work)) ?? false;
  }

  get isEnough(): boolean {
    const works = this.#works ?? [];
    if (!this.hasSuccess) return false;
    const isHalf = 2 * this.#ends.size > works.length;
    const areHeard = works.every((work) => this.#ends.has(work) || this.failed.has(work));
    return this.isOver || (this.isGraceOver && isHalf) || (this.isUrgent && areHeard);
  }

  /** In the order of the works. */
  get results(): readonly WorkResult<W, T>[] {
    return (this.#works ?? []).flatMap((work) => this.#ends.get(work) ?? []);
  }
}
