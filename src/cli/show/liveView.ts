import type { WriteStream } from "node:tty";
import { connect, defer, finalize, fromEvent, ignoreElements, interval, last, merge, takeUntil, tap } from "rxjs";
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
        askForSize(stream);
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
          const frames = merge(interval(frameMs).pipe(tap(draw)), fromEvent(stream, "resize").pipe(tap(anew)), jobs);
          return merge(shared, frames.pipe(ignoreElements(), takeUntil(end)));
        }),
        finalize(show),
      );
    });
}

/**
 * Has the stream know the size that its terminal has now; a new one is told as `resize`. Node asks when it hears of the signal, and a process that was kept
 * from running may run its timers before that (Node 20.20.2 to 26.10.0): a frame of the old size would not know how long the way up has become. The method is
 * Node's own, and has no documented name.
 */
function askForSize(stream: WriteStream & { _refreshSize?: () => void }): void {
  stream._refreshSize?.();
}
