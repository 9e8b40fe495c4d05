import type { WriteStream } from "node:tty";
import type { MonoTypeOperatorFunction } from "rxjs";
import { initialState, reduce, type DownloadEvent } from "../../index.js";
import { liveView } from "./liveView.js";
import { renderView } from "./renderView.js";
import type { Style } from "./Style.js";

/** Keeps the view of the download on the terminal, and leaves its last state there when it ends. */
export function showLive(stream: WriteStream, style: Style): MonoTypeOperatorFunction<DownloadEvent> {
  return liveView(stream, () => {
    let state = initialState;
    return {
      take: (event) => (state = reduce(state, event)),
      lines: (columns, rows) => renderView(state, columns, rows, style),
    };
  });
}
