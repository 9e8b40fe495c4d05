import { combineLatest, distinctUntilChanged, map, type Observable, startWith } from "rxjs";

/**
 * True while any of the signals last said `true`; a signal that has said nothing counts as `false`. Emits at the start and on change.
 *
 *     a        --t-----f--
 *     b        ----t-f----
 *     result   f-t-----f--
 */
export function anyOf(...signals: readonly Observable<boolean>[]): Observable<boolean> {
  return combineLatest(signals.map((signal) => signal.pipe(startWith(false)))).pipe(
    map((values) => values.includes(true)),
    distinctUntilChanged(),
  );
}
