import { formatBytes, formatDuration } from "../../command.js";
import { percentHashed } from "../../index.js";
import type { DownloadRow } from "../../node.js";
import { titleOf } from "./rowsOf.js";

const leastStateWidth = 9;

/** Lines of downloads, in columns: the figures of each, then what is wrong with it, and at `now`, wall time, ms, when it is tried again. */
export function renderRows(rows: readonly DownloadRow[], now: number): readonly string[] {
  const stateWidth = Math.max(leastStateWidth, ...rows.map((row) => howItIs(row).length));
  return rows.flatMap((row) => renderRow(row, stateWidth, now));
}

/** State of a download in a word or two. */
export function howItIs({ state, phase, waitingFor, retrying, hashed }: DownloadRow): string {
  if (hashed !== undefined) return `checking ${percentHashed({ hashed }) ?? 0} %`;
  if (retrying !== undefined) return "retrying";
  return state === "running" && phase === "waiting" ? `waits (${waitingFor ?? "for peers"})` : state;
}

function renderRow(row: DownloadRow, stateWidth: number, now: number): readonly string[] {
  const { id, state, size, done, bytesPerSecond, secondsLeft, priority, error } = row;
  const percent =
    size === undefined || size === 0 ? (state === "completed" ? "100 %" : "") : `${Math.floor((done * 100) / size)} %`;
  const words = [
    String(id).padStart(4),
    howItIs(row).padEnd(stateWidth),
    percent.padStart(5),
    (size === undefined ? "" : formatBytes(size)).padStart(10),
    ...(state === "running" ? [`${formatBytes(bytesPerSecond)}/s`] : []),
    ...(state === "running" && secondsLeft !== undefined ? [`${formatDuration(secondsLeft * 1000)} left`] : []),
    ...(priority === "normal" ? [] : [priority]),
    titleOf(row),
  ];
  const wrong =
    state === "failed" && error !== undefined
      ? [`      ${error.message} (${error.code}); tributary retry ${id} tries it again`]
      : [];
  return [words.join("  ").trimEnd(), ...wrong, ...retryLines(row, now)];
}

function retryLines({ retrying }: DownloadRow, now: number): readonly string[] {
  if (retrying === undefined) return [];
  const { code, message, at = now } = retrying;
  const when = at > now ? `in ${formatDuration(at - now)}` : "now";
  return [`      ${message} (${code}); it is tried again ${when}`];
}
