import { formatBytes, formatDuration } from "../../command.js";
import { percentOf, type DownloadState } from "../../index.js";
import type { ListTotal } from "../../node.js";
import { columnsOf } from "./columnsOf.js";
import { fit, fitMiddle, padTo } from "./fit.js";
import { foldLine } from "./foldLine.js";
import type { ListView, RunningFile } from "./ListWatch.js";
import type { Paint } from "./paint.js";
import { hashedText, speedText } from "./speedText.js";
import { plainStyle, type Style } from "./Style.js";
import { amountsText, endText } from "./totalText.js";
import { waitedFor } from "./waitedFor.js";

/** Widths of what stands behind a name: how much of a hundred, and how fast, with the longest time that is usual. */
const [percentWidth, paceWidth] = [5, 26];
const [leastName, mostName, mostBar] = [6, 40, 40];
const labelOfTotal = "all files";

/** A row a file that runs, with a bar, and one for all; at most so many lines. A list that has ended is its total alone. */
export function renderList(
  { running, total, elapsedMs, isOver }: ListView,
  columns: number,
  rows: number,
  { paint, text }: Style = plainStyle,
): readonly string[] {
  if (isOver) {
    const end = total === undefined ? [] : foldLine(endText(total, elapsedMs), columns);
    return end.map((line) => text(paint("title", line)));
  }
  const sum = total === undefined ? [] : totalLines(total, running, widthsIn(columns, running), columns, paint);
  const room = Math.max(1, rows - sum.length);
  const shown = mostTelling(running, running.length <= room ? room : room - 1);
  const widths = widthsIn(columns, running);
  const more = running.length - shown.length;
  const lines = [
    ...shown.map((file) => fileRow(file, widths, columns, paint)),
    ...(more > 0 ? [paint("faint", fit(`+ ${more} more`, columns))] : []),
    ...sum,
  ];
  return lines.slice(-rows).map(text);
}

interface Widths {
  readonly name: number;
  readonly bar: number;
}

function widthsIn(columns: number, running: readonly RunningFile[]): Widths {
  const longest = Math.max(labelOfTotal.length, ...running.map(({ label }) => columnsOf(label)));
  const room = columns - percentWidth - paceWidth - 4;
  const name = Math.min(longest, mostName, Math.max(leastName, Math.floor(room / 2)));
  return { name, bar: Math.max(0, Math.min(mostBar, room - name)) };
}

function fileRow({ label, state }: RunningFile, widths: Widths, columns: number, paint: Paint): string {
  const name = padTo(fitMiddle(label, widths.name), widths.name);
  const percent = percentOf(state);
  if (percent === undefined) {
    const asked = state.hashed === undefined ? "asking what the file is" : `checking ${hashedText(state)}`;
    const soFar = state.received > 0 ? [`${formatBytes(state.received)} so far`, ...speedText(state)] : [asked];
    return fit([name, ...soFar].join("  "), columns);
  }
  const figures = `${String(percent).padStart(3)} %  ${speedText(state).join("  ").padEnd(paceWidth)}`;
  const room = columns - widths.name - widths.bar - 4 - figures.length;
  const trouble = troubleOf(state);
  if (trouble !== undefined && room < columnsOf(trouble))
    return troubledRow(name, percent, trouble, columns, widths, paint);
  const start = `${name}  ${bar(percent / 100, widths.bar, paint)}  `;
  if (trouble === undefined) return start + fit(figures.trimEnd(), columns - widths.name - widths.bar - 4);
  return start + figures + paint("warning", trouble);
}

/** The row of a file whose trouble has no room beside its pace: it stands in the place of that, and the bar makes room. */
function troubledRow(
  name: string,
  percent: number,
  trouble: string,
  columns: number,
  widths: Widths,
  paint: Paint,
): string {
  const room = columns - widths.name - 4 - percentWidth - 2 - columnsOf(trouble);
  const barWidth = Math.max(0, Math.min(widths.bar, room));
  const left = columns - widths.name - barWidth - 4 - percentWidth - 2;
  const figures = `${String(percent).padStart(3)} %  `;
  return `${name}  ${bar(percent / 100, barWidth, paint)}  ${figures}${paint("warning", fit(trouble, Math.max(0, left)))}`;
}

/** All files as one row, by their bytes, and their counts below. */
function totalLines(
  total: ListTotal,
  running: readonly RunningFile[],
  { name, bar: barWidth }: Widths,
  columns: number,
  paint: Paint,
): readonly string[] {
  const share = shareOf(total, running);
  const speed = total.bytesPerSecond > 0 ? `  ${formatBytes(total.bytesPerSecond)}/s` : "";
  const figures = fit(
    `${String(Math.floor(100 * share)).padStart(3)} %${speed}`,
    Math.max(0, columns - name - barWidth - 4),
  );
  const label = padTo(fit(labelOfTotal, name), name);
  return [
    `${paint("title", label)}  ${bar(share, barWidth, paint)}  ${paint("title", figures)}`,
    ...foldLine(amountsText(total), columns),
  ];
}

/** How far all are, of 1: of bytes; while the size of a file is not known, of files, those that run by how far they are. */
function shareOf(total: ListTotal, running: readonly RunningFile[]): number {
  const { filesDone, filesFailed, filesStopped, filesRunning, filesWaiting, filesUnsized } = total;
  if (filesUnsized === 0 && total.bytesKnown > 0) return Math.min(1, total.bytesDone / total.bytesKnown);
  const ended = filesDone + filesFailed + filesStopped;
  const files = ended + filesRunning + filesWaiting;
  const begun = running.reduce((sum, { state }) => sum + (percentOf(state) ?? 0) / 100, 0);
  return files === 0 ? 0 : Math.min(1, (ended + begun) / files);
}

function bar(share: number, width: number, paint: Paint): string {
  const filled = Math.floor(width * share);
  return paint("good", "█".repeat(filled)) + paint("faint", "░".repeat(width - filled));
}

/** Files at work before those in trouble, before those that wait for an answer; in the order in which they began. */
function mostTelling(running: readonly RunningFile[], room: number): readonly RunningFile[] {
  const chosen = new Set(running.toSorted((a, b) => rankOf(a.state) - rankOf(b.state)).slice(0, Math.max(0, room)));
  return running.filter((file) => chosen.has(file));
}

function rankOf(state: DownloadState): number {
  if (state.chunks.active > 0 || state.bytesPerSecond > 0) return 0;
  return troubleOf(state) === undefined ? 2 : 1;
}

function troubleOf(state: DownloadState): string | undefined {
  const { phase, chunks, waiting, recovering, recent, at } = state;
  if (phase === "checking") return [phase, hashedText(state)].filter(Boolean).join(" ");
  if (waiting !== undefined) return `waiting (${waitedFor(waiting)})`;
  const retry = recent.findLast(({ type }) => type === "retry-scheduled");
  if (chunks.retrying > 0 && retry !== undefined) return retry.text;
  return recovering && `recovering ${formatDuration(at - recovering.since)} (${recovering.code})`;
}
