import { formatBytes, formatDuration, printable } from "../../command.js";
import { describeEvent, percentOf, type DownloadState, type PeerRow, type PeerState } from "../../index.js";
import { plain, type Paint } from "./paint.js";
import { renderAccount } from "./renderAccount.js";
import { speedText } from "./speedText.js";

const peerRowsShown = 10;
const roles = {
  ready: "good",
  busy: "warning",
  probing: "warning",
  blacklisted: "warning",
  quarantined: "bad",
  excluded: "bad",
  left: "faint",
} as const satisfies Record<PeerState, Parameters<Paint>[0]>;

/** The whole screen of a download: lines of at most `width` columns. Pure; colours come from `paint`. */
export function renderView(state: DownloadState, width: number, paint: Paint = plain): string {
  const below = state.outcome ? ending(state, width, paint) : recentLines(state, width, paint);
  return [...heading(state, width, paint), ...peerTable(state, width, paint), ...below].join("\n").trim();
}

function ending(state: DownloadState, width: number, paint: Paint): string[] {
  if (!state.outcome) return [];
  const words = describeEvent(state.outcome) ?? "";
  const role = state.outcome.type === "download-completed" ? "good" : "warning";
  // Why a download failed is told below the view, on stderr.
  const said = state.outcome.type === "download-failed" ? [] : [paint(role, fit(words, width))];
  const reasons = state.outcome.type === "download-failed" ? recentLines(state, width, paint) : [];
  return [...reasons, "", ...said, ...renderAccount(state, width).map((line) => fit(line, width))];
}

function heading(state: DownloadState, width: number, paint: Paint): string[] {
  const { manifest } = state;
  if (!manifest && state.received > 0) return [fit(`${formatBytes(state.received)} so far  ${pace(state)}`, width)];
  if (!manifest) return state.outcome ? [] : [fit("Asking what the file is ...", width)];
  const { chunks } = state;
  const title = paint("title", fit(`${manifest.name}  ${formatBytes(manifest.size)}`, width));
  const counts = [
    `${formatBytes(state.done)} of ${formatBytes(manifest.size)}`,
    `chunks ${chunks.done}/${chunks.total}`,
    ...(chunks.active > 0 ? [`${chunks.active} active`] : []),
    ...(chunks.retrying > 0 ? [`${chunks.retrying} retrying`] : []),
    ...(chunks.failed > 0 ? [`${chunks.failed} given up for now`] : []),
    ...(state.retries > 0 ? [`retries ${state.retries}`] : []),
  ];
  return [title, bar(state, width, paint), fit(counts.join(" · "), width)];
}

function bar(state: DownloadState, width: number, paint: Paint): string {
  const percent = percentOf(state) ?? 0;
  const figures = `${String(percent).padStart(4)} %  ${pace(state)}`.trimEnd();
  const room = Math.max(0, Math.min(40, width - figures.length - 1));
  const filled = Math.floor((room * percent) / 100);
  return paint("good", "█".repeat(filled)) + paint("faint", "░".repeat(room - filled)) + fit(figures, width - room);
}

function pace({ phase, waiting, recovering, at, ...speed }: DownloadState): string {
  if (phase === "checking" || phase === "completed" || phase === "paused" || phase === "failed") return phase;
  if (waiting) {
    const until =
      waiting.untilMs !== undefined && waiting.untilMs > at ? ` ${formatDuration(waiting.untilMs - at)}` : "";
    return `waiting${until} (${waiting.reason})`;
  }
  const trouble = recovering === undefined ? [] : [`recovering ${formatDuration(at - recovering.since)}`];
  return [...speedText(speed), ...trouble].join("  ");
}

function peerTable({ peers, at }: DownloadState, width: number, paint: Paint): string[] {
  if (peers.length === 0) return [];
  const shown = mostTelling(peers);
  const figures = (cells: readonly [string, string, string, string]) =>
    cells.map((cell, n) => cell.padStart(n === 3 ? 9 : 8)).join("");
  const states = shown.map((row) => stateText(row, at));
  // Names come first: the address keeps its room, and the state is cut.
  const names = shown.map(({ id }) => id.replace(/^wss?:\/\//, ""));
  const idWidth = Math.max(4, Math.min(width - 33 - 12, Math.max(...names.map((name) => name.length))));
  const stateWidth = Math.max(5, Math.min(width - 33 - idWidth - 2, Math.max(...states.map((text) => text.length))));
  const rows = shown.map((row, n) => {
    const numbers = [row.inFlight, row.ok, row.failed].map(String) as [string, string, string];
    const state = fit((states[n] ?? "").padEnd(stateWidth), stateWidth);
    const text = `${fitAddress(names[n] ?? "", idWidth).padEnd(idWidth)}  `;
    const rest = figures([...numbers, formatBytes(row.bytes)]);
    const tail = fit(state + rest, width - text.length);
    return text + paint(roles[row.state], tail.slice(0, stateWidth)) + tail.slice(stateWidth);
  });
  const head = `${"peer".padEnd(idWidth)}  ${"state".padEnd(stateWidth)}${figures(["asked", "ok", "failed", "bytes"])}`;
  const more = peers.length - shown.length;
  return [
    "",
    paint("faint", fit(head, width)),
    ...rows,
    ...(more > 0 ? [paint("faint", fit(`and ${more} more`, width))] : []),
  ];
}

/** The peers that there is room for, in the order in which they joined, so that none jumps about. */
function mostTelling(peers: readonly PeerRow[]): readonly PeerRow[] {
  const chosen = new Set(peers.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, peerRowsShown));
  return peers.filter((row) => chosen.has(row));
}

/** Peers at work, or in trouble, before those that are idle, before those that are gone. */
function rankOf({ inFlight, state }: PeerRow): number {
  if (state === "left") return 2;
  return inFlight > 0 || state !== "ready" ? 0 : 1;
}

function stateText({ state, why, untilMs, inFlight }: PeerRow, at: number): string {
  if (state === "ready") return inFlight > 0 ? "serving" : "ready";
  const until = untilMs !== undefined && untilMs > at ? ` ${formatDuration(untilMs - at)}` : "";
  return `${state}${until}${why === undefined ? "" : ` ${why}`}`;
}

function recentLines({ recent }: DownloadState, width: number, paint: Paint): string[] {
  return recent.length === 0 ? [] : ["", ...recent.map(({ text }) => paint("warning", fit(text, width)))];
}

function fit(text: string, width: number): string {
  const clean = printable(text);
  return clean.length <= width ? clean : `${clean.slice(0, Math.max(0, width - 1))}…`;
}

/** Cut in the middle: peers on one host differ at the end. */
function fitAddress(text: string, width: number): string {
  const clean = printable(text);
  if (clean.length <= width) return clean;
  const head = Math.floor((width - 1) / 2);
  return `${clean.slice(0, head)}…${clean.slice(clean.length - (width - 1 - head))}`;
}
