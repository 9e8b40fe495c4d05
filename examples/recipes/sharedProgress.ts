import { initialState, ofType, percentOf, reduce } from "rx-tributary";
import { downloadFile } from "rx-tributary/node";
import type { Observable } from "rxjs";
import { distinctUntilChanged, filter, map, scan, share } from "rxjs";

/** One download and two listeners. It starts with the first of them, and pauses when the last one leaves. */
export function barAndResult(url: string, dir: string): { bar: Observable<number>; result: Observable<string> } {
  const events = downloadFile(url, { dir }).pipe(share());
  return {
    bar: events.pipe(
      scan(reduce, initialState),
      map((state) => percentOf(state)),
      filter((percent) => percent !== undefined),
      distinctUntilChanged(),
    ),
    result: events.pipe(
      ofType("download-completed"),
      map(({ path }) => path),
    ),
  };
}
