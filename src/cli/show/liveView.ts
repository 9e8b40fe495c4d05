import type { WriteStream } from "node:tty";
import {
  connect,
  defer,
  finalize,
  fromEvent,
  ignoreElements,
  interval,
  last,
  merge,
  Observable,
  switchMap,
  takeUntil,
  tap,
} from "rxjs";
import type { MonoTypeOperatorFunction } from "rxjs";
import { jobControl } from "./jobControl.js";
import { LiveScreen } from "./LiveScreen.js";

/** At most so often is anything drawn. */
const frameMs = 100;

/** One showing: takes events in, and says what the screen is to show of them. */
export interface Showing<Event> {
  take(event: Event): void;
  /** The lines that change, at most so many. */
  lines(columns: number, rows: number): readonly string[];
  /** Lines since the last call that stay above the others. */
  above?(columns: number): readonly string[];
}

/**
 * Keeps a view of the events on the terminal: drawn when something has happened, or when the terminal was resized, and not more than ten times a second.
 * Its last state stays there, and so does that in which the terminal stopped the command: it goes on below.
 */
export function liveView<Event>(stream: WriteStream, begin: () => Showing<Event>): MonoTypeOperatorFunction<Event> {
  return (events) =>
    defer(() => {
      const screen = new LiveScreen(stream);
      const showing = begin();
      let heard: Event[] = [];
      let isStale = true;
      let isOurs = true;
      const show = (): void => {
        // Many at once: folded one by one, between all else that a download does, they cost several times as much.
        const all = heard;
        heard = [];
        for (const event of all) showing.take(event);
        screen.draw(showing.lines(screen.columns, screen.rows), showing.above?.(screen.columns));
      };
      const draw = (): void => {
        if (!isStale || !isOurs) return;
        isStale = false;
        show();
      };
      const anew = (): void => {
        isStale = true;
        draw();
      };
      const jobs = jobControl().pipe(
        tap((turn) => {
          isOurs = turn === "goes-on";
          if (isOurs) anew();
          else screen.leave();
        }),
      );
      draw();
      return events.pipe(
        tap((event) => {
          heard.push(event);
          isStale = true;
        }),
        connect((shared) => {
          const end = shared.pipe(last(null, undefined));
          const timed = interval(frameMs).pipe(
            switchMap(() => afterSignals),
            tap(draw),
          );
          const frames = merge(timed, fromEvent(stream, "resize").pipe(tap(anew)), jobs);
          return merge(shared, frames.pipe(ignoreElements(), takeUntil(end)));
        }),
        finalize(show),
      );
    });
}

/**
 * Emits when the signals that have come are heard: Node hears them where it polls, between its timers and its immediates. A command that was kept from running
 * finds its timers due before it hears of a new size, and a frame of the old size then would not know how long the way up has become.
 */
const afterSignals = new Observable<void>((subscriber) => {
  const immediate = setImmediate(() => {
    subscriber.next();
    subscriber.complete();
  });
  return () => clearImmediate(immediate);
});
