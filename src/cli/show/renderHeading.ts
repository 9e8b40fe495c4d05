import { formatBytes, formatDuration } from "../../command.js";
import { percentOf, type DownloadState } from "../../index.js";
import { chunkMarks, type ChunkMark } from "./chunkMarks.js";
import { chunkStrip, doneMark, stripLine } from "./chunkStrip.js";
import { columnsOf } from "./columnsOf.js";
import { fit, fitMiddle } from "./fit.js";
import type { Paint } from "./paint.js";
import { hashedText, speedText } from "./speedText.js";
import { waitedFor } from "./waitedFor.js";

/** The head of a view: the name and pace of its download, its chunks as a strip, what the signs of that mean, and its troubles. */
export function renderHeading(state: DownloadState, columns: number, paint: Paint): readonly string[] {
  const { manifest } = state;
  if (manifest === undefined) return unknown(state, columns);
  return [
    title(state, manifest.name, columns, paint),
    stripLine(chunkStrip(state, columns), paint),
    legend(state, columns, paint),
    figures(state, manifest.size, columns, paint),
  ];
}

/** A file whose size nobody has told has bytes that can be counted, but no chunks. */
function unknown(state: DownloadState, columns: number): readonly string[] {
  if (state.received > 0)
    return [fit([`${formatBytes(state.received)} so far`, ...speedText(state)].join("  "), columns)];
  if (state.outcome) return [];
  if (state.hashed === undefined)
    return [fit(["Asking what the file is ...", troubleOf(state)].filter(Boolean).join("  "), columns)];
  return [fit(`Checking the file that is here: ${hashedText(state)} of ${formatBytes(state.hashed.size)}`, columns)];
}

function title(state: DownloadState, name: string, columns: number, paint: Paint): string {
  const pace = fit([`${percentOf(state) ?? 0} %`, ...paceOf(state)].join("  "), columns);
  const room = columns - columnsOf(pace) - 2;
  if (room < 8) return pace;
  const shown = fitMiddle(name, room);
  return `${paint("title", shown)}${" ".repeat(room - columnsOf(shown))}  ${pace}`;
}

function paceOf(state: DownloadState): readonly string[] {
  const { phase } = state;
  const isMoving = phase === "starting" || phase === "downloading" || phase === "waiting";
  return isMoving ? speedText(state) : [[phase, hashedText(state)].filter(Boolean).join(" ")];
}

function legend(state: DownloadState, columns: number, paint: Paint): string {
  const { total, done, active, retrying, failed } = state.chunks;
  const mark = doneMark(state);
  const parts: readonly (readonly [ChunkMark, string])[] = [
    [mark, `${done}/${total} ${mark}`],
    ...(failed > 0 ? ([["failed", `${failed} given up`]] as const) : []),
    ...(retrying > 0 ? ([["retrying", `${retrying} to retry`]] as const) : []),
    ...(active > 0 ? ([["active", `${active} under way`]] as const) : []),
  ];
  let left = columns;
  const fitting = parts.filter(([, words], n) => (left -= words.length + (n === 0 ? 2 : 4)) >= 0);
  return fitting.map(([of, words]) => `${paint(chunkMarks[of].role, chunkMarks[of].sign)} ${words}`).join("  ");
}

function figures(state: DownloadState, size: number, columns: number, paint: Paint): string {
  const { retries, done } = state;
  const amount = `${formatBytes(done)} of ${formatBytes(size)}`;
  const calm = retries > 0 ? `${amount} · ${retries} ${retries === 1 ? "retry" : "retries"}` : amount;
  const trouble = troubleOf(state);
  if (trouble === undefined) return fit(calm, columns);
  const shown = fit(`${calm} · ${trouble}`, columns);
  return shown.slice(0, calm.length + 3) + paint("warning", shown.slice(calm.length + 3));
}

function troubleOf({ outcome, waiting, recovering, at }: DownloadState): string | undefined {
  if (outcome !== undefined) return undefined;
  if (waiting !== undefined) {
    const { untilMs = at } = waiting;
    return `waiting${untilMs > at ? ` ${formatDuration(untilMs - at)}` : ""} (${waitedFor(waiting)})`;
  }
  return recovering && `recovering ${formatDuration(at - recovering.since)} (${recovering.code})`;
}
