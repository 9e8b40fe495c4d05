import type { DownloadRow, ManagedState } from "../../../src/page.js";

/** Filters of the list: the states that each lets through. */
export const filters: Readonly<Record<string, readonly ManagedState[]>> = {
  All: ["waiting", "running", "paused", "cancelled", "completed", "failed"],
  Active: ["running"],
  Waiting: ["waiting", "paused"],
  Done: ["completed"],
  Failed: ["failed", "cancelled"],
};

/** Orders of the list; `line` is as the daemon has it. */
export const orders = {
  line: () => 0,
  name: (a: DownloadRow, b: DownloadRow) => titleOf(a).localeCompare(titleOf(b)),
  size: (a: DownloadRow, b: DownloadRow) => (b.size ?? 0) - (a.size ?? 0),
  rate: (a: DownloadRow, b: DownloadRow) => b.bytesPerSecond - a.bytesPerSecond,
  added: (a: DownloadRow, b: DownloadRow) => b.addedAt - a.addedAt,
} as const;
export type Order = keyof typeof orders;

/** Name of a download, as far as it has one. */
export function titleOf({ name, sources, id }: DownloadRow): string {
  return name ?? lastPart(sources[0]) ?? `Download ${id}`;
}

/** Rows that are of these states and have the words in their name or an address, in an order. */
export function pick(
  rows: readonly DownloadRow[],
  filter: string,
  words: string,
  order: Order,
): readonly DownloadRow[] {
  const states = filters[filter] ?? [];
  const wanted = words.trim().toLowerCase();
  const fits = (row: DownloadRow): boolean =>
    states.includes(row.state) &&
    (wanted === "" || [titleOf(row), ...row.sources].some((text) => text.toLowerCase().includes(wanted)));
  return rows.filter(fits).sort(orders[order]);
}

function lastPart(source: string | undefined): string | undefined {
  const part = source
    ?.split(/[?#]/)[0]
    ?.split("/")
    .findLast((each) => each !== "");
  if (part === undefined) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
