import {
  connect,
  defer,
  EMPTY,
  filter,
  from,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type MonoTypeOperatorFunction,
  tap,
} from "rxjs";
import type { DownloadEvent } from "../../index.js";
import type { ListEvent } from "../../node.js";

type Show = MonoTypeOperatorFunction<ListEvent>;

/** Shows a list of one file as a download, any other as a list, which is known when the first file begins. */
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
      const shown = groupBy<ListEvent, boolean>(() => entries > 1 || files > 1);
      return counted.pipe(
        connect((shared) => {
          const known = shared.pipe(
            heldUntil(() => isKnown),
            shown,
            mergeMap((group) => group.pipe(group.key ? many : showOne(one))),
            ignoreElements(),
          );
          return merge(known, shared);
        }),
      );
    });
}

/** Passes events on once it is so; those before are not lost. */
function heldUntil<T>(isSo: () => boolean): MonoTypeOperatorFunction<T> {
  return (events) =>
    defer(() => {
      let held: T[] = [];
      return events.pipe(
        mergeMap((event) => {
          held.push(event);
          if (!isSo()) return EMPTY;
          const all = held;
          held = [];
          return from(all);
        }),
      );
    });
}

function showOne(show: MonoTypeOperatorFunction<DownloadEvent>): Show {
  return connect((shared) => {
    const shown = shared.pipe(
      filter((event) => event.type === "file-event"),
      map(({ event }) => event),
      show,
      ignoreElements(),
    );
    return merge(shared, shown);
  });
}
