import type { Writable } from "node:stream";
import { defer, type MonoTypeOperatorFunction, tap } from "rxjs";
import { printable } from "../../command.js";
import type { ListEvent } from "../../node.js";
import { endLine } from "./fileLine.js";
import { lineWriter } from "./lineWriter.js";
import { endText, totalText } from "./totalText.js";

const totalEveryMs = 5000;

/** Writes a line for each file that has ended, for what a user should read of it, and now and then for all together. */
export function showListPlain(stream: Writable): MonoTypeOperatorFunction<ListEvent> {
  return (events) =>
    defer(() => {
      const out = lineWriter(stream);
      const names = new Map<number, string>();
      let startedAt: number | undefined;
      let toldAt: number | undefined;
      const linesOf = (event: ListEvent): readonly string[] => {
        startedAt ??= event.at;
        toldAt ??= event.at;
        switch (event.type) {
          case "file-event":
            if (event.event.type === "download-started") names.set(event.file, event.event.manifest.name);
            if (event.event.type !== "notice") return [];
            return [`${names.get(event.file) ?? `file ${event.file + 1}`}: ${event.event.message}`];
          case "file-ended":
            names.delete(event.outcome.file);
            return event.outcome.status === "paused" ? [] : [endLine(event.outcome)];
          case "total":
            if (event.at < toldAt + totalEveryMs) return [];
            toldAt = event.at;
            return [totalText(event.total)];
          case "list-ended":
            return [endText(event.total, event.at - startedAt)];
          case "file-waiting":
            return [];
        }
      };
      return events.pipe(tap((event) => linesOf(event).forEach((line) => out.write(printable(line)))));
    });
}
