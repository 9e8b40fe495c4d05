import type { Writable } from "node:stream";
import { defer, type MonoTypeOperatorFunction, tap } from "rxjs";
import { printable } from "../../command.js";
import type { ListEvent } from "../../node.js";
import { FileLabels } from "./FileLabels.js";
import { endLine } from "./fileLine.js";
import { lineWriter } from "./lineWriter.js";
import { endText, totalText } from "./totalText.js";

const totalEveryMs = 5000;

/** Writes a line for each file that has ended, for what a user should read of it, and now and then for all together. */
export function showListPlain(stream: Writable): MonoTypeOperatorFunction<ListEvent> {
  return (events) =>
    defer(() => {
      const out = lineWriter(stream);
      const labels = new FileLabels();
      let startedAt: number | undefined;
      let toldAt: number | undefined;
      const linesOf = (event: ListEvent): readonly string[] => {
        startedAt ??= event.at;
        toldAt ??= event.at;
        labels.take(event);
        switch (event.type) {
          case "file-event":
            return event.event.type === "notice" ? [`${labels.of(event.file)}: ${event.event.message}`] : [];
          case "file-ended":
            return event.outcome.status === "paused" ? [] : [endLine(event.outcome)];
          case "total":
            if (event.at < toldAt + totalEveryMs) return [];
            toldAt = event.at;
            return [totalText(event.total)];
          case "list-ended":
            return [endText(event.total, event.at - startedAt)];
          case "file-waiting":
          case "file-reading":
            return [];
        }
      };
      return events.pipe(tap((event) => linesOf(event).forEach((line) => out.write(printable(line)))));
    });
}
