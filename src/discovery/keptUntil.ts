import { type MonoTypeOperatorFunction, type Observable, ReplaySubject, share, takeUntil } from "rxjs";

/**
 * The source, subscribed once, when somebody first wants it; goes on when nobody does any more, until `left` emits; and keeps its last value, or its
 * error, for whoever comes later.
 *
 *     source    --a-----b--|
 *     first     --a!
 *     later          a--b--|
 */
export function keptUntil<T>(left: Observable<unknown>): MonoTypeOperatorFunction<T> {
  const once = { resetOnRefCountZero: false, resetOnComplete: false, resetOnError: false };
  return (source) => share<T>({ connector: () => new ReplaySubject(1), ...once })(source.pipe(takeUntil(left)));
}
