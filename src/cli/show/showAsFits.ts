import {
  concat,
  connect,
  defer,
  distinctUntilChanged,
  filter,
  from,
  ignoreElements,
  map,
  merge,
  type MonoTypeOperatorFunction,
  type OperatorFunction,
  switchMap,
  tap,
} from "rxjs";
import type { DownloadEvent } from "../../index.js";
import type { ListEvent } from "../../node.js";

type Show = MonoTypeOperatorFunction<ListEvent>;

/** Shows a list of one file as a download, any other as a list, which is known when the first file begins; a page may add another one later. */
export function showAsFits(one: MonoTypeOperatorFunction<DownloadEvent>, many: Show, entries: number): Show {
  return (events) =>
    defer(() => {
      let files = 0;
      let isKnown = false;
      const counted = events.pipe(
        tap((event) => {
          if (event.type === "file-waiting") files = Math.max(files, event.file + 1);
          isKnown ||= event.type === "file-event" || event.type === "file-ended" || event.type === "list-ended";
        }),
      );
      return counted.pipe(
        connect((shared) => {
          // Events that nobody was shown, the one that is told now among them.
          let held: ListEvent[] = [];
          let isShown = false;
          const shown = shared.pipe(
            tap((event) => (held = isShown ? [event] : [...held, event])),
            filter(() => isKnown),
            map(() => entries > 1 || files > 1),
            distinctUntilChanged(),
            switchMap((isMany) => {
              isShown = true;
              return concat(from(held), shared).pipe(isMany ? many : showOne(one));
            }),
          );
          return merge(shown.pipe(ignoreElements()), shared);
        }),
      );
    });
}

function showOne(show: MonoTypeOperatorFunction<DownloadEvent>): OperatorFunction<ListEvent, unknown> {
  return (events) =>
    events.pipe(
      filter((event) => event.type === "file-event"),
      map(({ event }) => event),
      show,
    );
}
