import type { Writable } from "node:stream";
import { defer, tap, type MonoTypeOperatorFunction } from "rxjs";
import { formatBytes } from "../../command.js";
import { describeEvent, initialState, percentOf, reduce, type DownloadEvent, type DownloadState } from "../../index.js";
import { lineWriter } from "./lineWriter.js";
import { renderAccount } from "./renderAccount.js";
import { hashedText, speedText } from "./speedText.js";

const progressEveryPercent = 10;
const progressEveryMs = 5000;
const quietMs = 10_000;

/** Writes what happens as lines for a log: every retry and switch, progress now and then, the account at the end. */
export function showPlain(stream: Writable): MonoTypeOperatorFunction<DownloadEvent> {
  return (events) =>
    defer(() => {
      const out = lineWriter(stream);
      let state = initialState;
      const isNews = tellsOnceInAWhile();
      let told = { percent: 0, at: 0 };
      return events.pipe(
        tap((event) => {
          state = reduce(state, event);
          if (event.type === "progress" && isDue(state, told)) {
            told = { percent: percentOf(state) ?? 0, at: state.at };
            out.write(progressLine(state));
          }
          if (event.type === "hashing" && state.at >= told.at + progressEveryMs) {
            told = { ...told, at: state.at };
            out.write(`Checking: ${hashedText(state)} of ${formatBytes(event.size)}`);
          }
          if (isNews(event)) linesOf(event, state).forEach((line) => out.write(line));
        }),
      );
    });
}

function linesOf(event: DownloadEvent, state: DownloadState): readonly string[] {
  // Why a download failed is told on stderr.
  const text = event.type === "download-failed" ? undefined : describeEvent(event);
  return [...(text === undefined ? [] : [text]), ...(state.outcome === event ? renderAccount(state) : [])];
}

function isDue(state: DownloadState, told: { readonly percent: number; readonly at: number }): boolean {
  const percent = percentOf(state) ?? 0;
  if (percent === 100) return false;
  return percent >= told.percent + progressEveryPercent || state.at >= told.at + progressEveryMs;
}

function progressLine(state: DownloadState): string {
  const { manifest, done, chunks, received } = state;
  if (manifest === undefined) return [`${formatBytes(received)} so far`, ...speedText(state)].join(", ");
  const percent = percentOf({ manifest, done }) ?? 0;
  const amount = `${formatBytes(done)} of ${formatBytes(manifest.size)}`;
  const figures = [amount, `chunks ${chunks.done}/${chunks.total}`, ...speedText(state)].join(", ");
  return `${String(percent).padStart(3)} %  ${figures}`;
}

/** Tells whether a trouble was told a moment ago: a network that is gone is tried again and again. */
function tellsOnceInAWhile(): (event: DownloadEvent) => boolean {
  let toldAt = -Infinity;
  return (event) => {
    if (event.type !== "waiting" || event.reason !== "offline") return true;
    if (event.at - toldAt < quietMs) return false;
    toldAt = event.at;
    return true;
  };
}
