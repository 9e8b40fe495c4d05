import { formatBytes, formatDuration } from "../../command.js";
import type { DownloadState, PeerRow, PeerState } from "../../index.js";
import { columnsOf } from "./columnsOf.js";
import { fit, fitMiddle, padTo } from "./fit.js";
import type { Paint, Role } from "./paint.js";

const roles = {
  ready: "good",
  busy: "warning",
  probing: "warning",
  blacklisted: "warning",
  quarantined: "bad",
  excluded: "bad",
  left: "faint",
} as const satisfies Record<PeerState, Role>;

interface Figure {
  readonly head: string;
  readonly of: (row: PeerRow) => string;
}

const figures: readonly Figure[] = [
  { head: "asked", of: ({ inFlight }) => String(inFlight) },
  { head: "rate", of: ({ bytesPerSecond }) => (bytesPerSecond > 0 ? `${formatBytes(bytesPerSecond)}/s` : "") },
  { head: "ok", of: ({ ok }) => String(ok) },
  { head: "failed", of: ({ failed }) => String(failed) },
  { head: "bytes", of: ({ bytes }) => formatBytes(bytes) },
];
/** Columns of the widest figure, so that no column moves when a number grows. */
const widths = [5, 9, 5, 6, 7];
/** Columns that a state wants: enough for its name, a countdown and the longest reason that is usual. */
const stateWants = 42;
const leastAddress = 8;
/** The scheme of a seeder says nothing that its port does not. */
const seederScheme = /^wss?:\/\//;
const beforeHost = /^[a-z]+:\/\/(?:[^/@]*@)?/;
/** Columns of a screen below which one blank has to keep figures apart. */
const tight = 70;

/**
 * A table of the peers: requests under way, speed, chunks, failures, bytes, state. At most so many rows, the most telling ones, in the order in which they
 * joined.
 */
export function renderPeerRows(state: DownloadState, columns: number, rows: number, paint: Paint): readonly string[] {
  const { peers, at } = state;
  if (peers.length === 0 || rows < 2) return [];
  const shown = mostTelling(peers, peers.length < rows ? rows - 1 : rows - 2);
  const told =
    state.outcome === undefined ? figures : figures.filter(({ head }) => head !== "asked" && head !== "rate");
  const gap = columns < tight ? 1 : 2;
  const { names, columnsOfName, kept } = layout(
    shown.map(({ id }) => id),
    told,
    columns,
    gap,
  );
  const numbers = (cell: (figure: Figure) => string): string =>
    kept.map((figure) => " ".repeat(gap) + cell(figure).padStart(widths[figures.indexOf(figure)] ?? 0)).join("");
  const line = (name: string, cells: string, last: string, role?: Role): string => {
    const start = padTo(fitMiddle(name, columnsOfName), columnsOfName) + cells;
    const room = columns - columnsOf(start) - gap;
    const end = fit(last, Math.max(0, room));
    return room < 2 ? fit(start, columns) : start + " ".repeat(gap) + (role === undefined ? end : paint(role, end));
  };
  const room = columns - columnsOfName - columnsOf(numbers(() => "")) - gap;
  const lines = shown.map((row, n) =>
    line(
      names[n] ?? "",
      numbers(({ of }) => of(row)),
      stateText(row, at, room),
      roles[row.state],
    ),
  );
  const more = peers.length - shown.length;
  return [
    paint(
      "faint",
      line(
        "peer",
        numbers(({ head }) => head),
        "state",
      ),
    ),
    ...lines,
    ...(more > 0 ? [paint("faint", fit(`+ ${more} more`, columns))] : []),
  ];
}

interface Layout {
  readonly names: readonly string[];
  readonly columnsOfName: number;
  readonly kept: readonly Figure[];
}

/** The names and figures that there is room for beside the state: the paths of addresses go first, then the bytes, then names are cut. */
function layout(ids: readonly string[], told: readonly Figure[], columns: number, gap: number): Layout {
  const taken = (kept: readonly Figure[]): number =>
    kept.reduce((sum, figure) => sum + gap + (widths[figures.indexOf(figure)] ?? 0), 0);
  const widthOf = (names: readonly string[]): number => Math.max(4, ...names.map(columnsOf));
  const fits = (names: readonly string[], kept: readonly Figure[]): boolean =>
    widthOf(names) + taken(kept) + gap + stateWants <= columns;
  const whole = ids.map((id) => id.replace(seederScheme, ""));
  const names = fits(whole, told) ? whole : shortNames(ids);
  const kept = fits(names, told) ? told : told.filter(({ head }) => head !== "bytes");
  const room = columns - taken(kept) - gap - "blacklisted".length;
  return { names, columnsOfName: Math.max(leastAddress, Math.min(widthOf(names), room)), kept };
}

/** Hosts of addresses; where several are on one host, what is behind that as well. */
function shortNames(ids: readonly string[]): readonly string[] {
  const hosts = ids.map((id) => id.replace(beforeHost, "").replace(/[/?#].*/, ""));
  return ids.map((id, n) => {
    const host = hosts[n] ?? id;
    return hosts.indexOf(host) === hosts.lastIndexOf(host) ? host : id.replace(beforeHost, "");
  });
}

/** The peers that there is room for, in the order in which they joined, so that none jumps about. */
function mostTelling(peers: readonly PeerRow[], room: number): readonly PeerRow[] {
  if (peers.length <= room) return peers;
  const chosen = new Set(peers.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, Math.max(0, room)));
  return peers.filter((row) => chosen.has(row));
}

/** Peers at work before those in trouble, before those that are idle, before those that are gone. */
function rankOf({ inFlight, state }: PeerRow): number {
  if (state === "left") return 3;
  if (inFlight > 0) return 0;
  return state === "ready" ? 2 : 1;
}

/**
 * The state with its countdown and reason; where there is no room for all, the countdown and the reason, whose row tells by its colour that it is a trouble.
 */
function stateText({ state, source, why, untilMs, inFlight }: PeerRow, at: number, room: number): string {
  if (state === "ready") return (inFlight > 0 ? "serving" : "ready") + (source === undefined ? "" : ` (${source})`);
  const until = untilMs !== undefined && untilMs > at ? [formatDuration(untilMs - at)] : [];
  const reason = why === undefined ? [] : [why];
  const whole = [state, ...until, ...reason].join(" ");
  return whole.length <= room || until.length === 0 ? whole : [...until, ...reason].join(" ");
}
