import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import {
  connect,
  defer,
  finalize,
  ignoreElements,
  interval,
  last,
  merge,
  type MonoTypeOperatorFunction,
  takeUntil,
  tap,
} from "rxjs";
import { formatBytes, printable } from "../../command.js";
import { initialState, percentOf, reduce, type DownloadState } from "../../index.js";
import type { ListEvent, ListTotal } from "../../node.js";
import { endLine } from "./fileLine.js";
import type { Paint } from "./paint.js";
import { speedText } from "./speedText.js";
import { endText, totalText } from "./totalText.js";

const frameMs = 100;

/** Keeps a line for each file that runs and one for all together on the terminal; the lines of files that have ended stay above. */
export function showListLive(stream: WriteStream, paint: Paint): MonoTypeOperatorFunction<ListEvent> {
  return (events) =>
    defer(() => {
      const screen = createLogUpdate(stream);
      const running = new Map<number, DownloadState>();
      let total: ListTotal | undefined;
      let ended: string[] = [];
      let startedAt: number | undefined;
      let end: string | undefined;
      const width = (): number => Math.max(20, stream.columns - 1);
      const draw = (): void => {
        if (ended.length > 0) screen.persist(ended.map((line) => fit(line, width())).join("\n"));
        ended = [];
        const sum = end ?? (total && totalText(total));
        const lines = [
          ...[...running.values()].map((state) => runningLine(state)),
          ...(sum === undefined ? [] : [sum]),
        ];
        screen(
          lines
            .map((line, n) => (n === lines.length - 1 ? paint("title", fit(line, width())) : fit(line, width())))
            .join("\n"),
        );
      };
      const take = (event: ListEvent): void => {
        startedAt ??= event.at;
        if (event.type === "file-event")
          running.set(event.file, reduce(running.get(event.file) ?? initialState, event.event));
        if (event.type === "file-ended") {
          running.delete(event.outcome.file);
          if (event.outcome.status !== "paused") ended.push(endLine(event.outcome));
        }
        if (event.type === "total") ({ total } = event);
        if (event.type === "list-ended") end = endText(event.total, event.at - startedAt);
      };
      return events.pipe(
        tap(take),
        connect((shared) => {
          const over = shared.pipe(last(null, undefined));
          return merge(shared, interval(frameMs).pipe(tap(draw), ignoreElements(), takeUntil(over)));
        }),
        finalize(() => {
          draw();
          screen.done();
        }),
      );
    });
}

function runningLine(state: DownloadState): string {
  const { manifest, received } = state;
  if (manifest === undefined)
    return received > 0 ? `       ${formatBytes(received)} so far` : "       asking what the file is";
  const percent = `${String(percentOf(state) ?? 0).padStart(4)} %`;
  return [`${percent} ${manifest.name}  ${formatBytes(manifest.size)}`, ...speedText(state)].join("  ");
}

function fit(text: string, width: number): string {
  const clean = printable(text);
  return clean.length <= width ? clean : `${clean.slice(0, Math.max(0, width - 1))}…`;
}
