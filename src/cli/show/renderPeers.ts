import { formatBytes, formatDuration, printable } from "../../command.js";
import type { KnownPeer } from "../../node.js";
import { localTime } from "./localTime.js";

const head = ["peer", "rate", "round trip", "success", "state", "why", "last heard"];
/** Columns of figures stand on the right. */
const figures: ReadonlySet<number> = new Set([1, 2, 3]);

/** A table of peers, and where it is from. `now` is wall time, ms since the epoch. */
export function renderPeers(known: readonly KnownPeer[], path: string, now: number): readonly string[] {
  if (known.length === 0) return [printable(`no peer is known yet; downloads keep what they learn in ${path}`)];
  const rows = [head, ...known.map((peer) => cellsOf(peer, now).map(printable))];
  const widths = head.map((_, n) => Math.max(...rows.map((cells) => cells[n]?.length ?? 0)));
  const lines = rows.map((cells) => cells.map((cell, n) => padded(cell, widths[n] ?? 0, figures.has(n))).join("  "));
  return [...lines.map((line) => line.trimEnd()), printable(`kept in ${path}`)];
}

function cellsOf(known: KnownPeer, now: number): string[] {
  const { peer, bytesPerSecond, roundTripMs, successRate, why = "", heardAt } = known;
  return [
    peer,
    bytesPerSecond === undefined ? "" : `${formatBytes(Math.round(bytesPerSecond))}/s`,
    roundTripMs === undefined ? "" : roundTripText(roundTripMs),
    successRate === undefined ? "" : `${Math.round(100 * successRate)} %`,
    stateOf(known, now),
    why,
    `${localTime(heardAt)} (${formatDuration(Math.max(0, now - heardAt))} ago)`,
  ];
}

function roundTripText(ms: number): string {
  return ms < 0.1 ? "<0.1 ms" : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

function stateOf({ state, blacklistedUntil }: KnownPeer, now: number): string {
  if (blacklistedUntil === undefined) return state;
  return `${state} until ${localTime(blacklistedUntil)} (in ${formatDuration(Math.max(0, blacklistedUntil - now))})`;
}

function padded(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}
