import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import { connect, defer, finalize, ignoreElements, interval, last, merge, takeUntil, tap } from "rxjs";
import type { MonoTypeOperatorFunction } from "rxjs";
import { initialState, reduce, type DownloadEvent } from "../../index.js";
import type { Paint } from "./paint.js";
import { renderView } from "./renderView.js";

const frameMs = 100;

/** Keeps the view of the download on the terminal, and leaves its last state there when it ends. */
export function showLive(stream: WriteStream, paint: Paint): MonoTypeOperatorFunction<DownloadEvent> {
  return (events) =>
    defer(() => {
      const screen = createLogUpdate(stream);
      let state = initialState;
      // One column less: a full line makes some terminals wrap.
      const draw = () => screen(renderView(state, Math.max(20, stream.columns - 1), paint));
      draw();
      return events.pipe(
        tap((event) => (state = reduce(state, event))),
        connect((shared) => {
          const end = shared.pipe(last(null, undefined));
          return merge(shared, interval(frameMs).pipe(tap(draw), ignoreElements(), takeUntil(end)));
        }),
        finalize(() => {
          draw();
          screen.done();
        }),
      );
    });
}
