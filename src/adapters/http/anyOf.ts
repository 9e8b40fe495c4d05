import { combineLatest, distinctUntilChanged, map, type Observable, startWith } from "rxjs";

/**
 * Whether any of these last said `true`; nothing said is `false`.
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
