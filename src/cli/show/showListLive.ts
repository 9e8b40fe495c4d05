import type { WriteStream } from "node:tty";
import type { MonoTypeOperatorFunction } from "rxjs";
import type { ListEvent } from "../../node.js";
import { endLine } from "./fileLine.js";
import { foldLine } from "./foldLine.js";
import { ListWatch } from "./ListWatch.js";
import { liveView } from "./liveView.js";
import { renderList } from "./renderList.js";
import type { Style } from "./Style.js";

/** Keeps a row for each file that runs and one for all together on the terminal; the lines of files that have ended stay above. */
export function showListLive(stream: WriteStream, style: Style): MonoTypeOperatorFunction<ListEvent> {
  return liveView(stream, () => {
    const watch = new ListWatch();
    let ended: string[] = [];
    return {
      take: (event) => {
        watch.take(event);
        if (event.type === "file-ended" && event.outcome.status !== "paused") ended.push(endLine(event.outcome));
      },
      lines: (columns, rows) => renderList(watch.view, columns, rows, style),
      above: (columns) => {
        const lines = ended.flatMap((line) => foldLine(line, columns).map(style.text));
        ended = [];
        return lines;
      },
    };
  });
}
