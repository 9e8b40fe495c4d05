import type { PeerUnderWay } from "../peers/PoolEvent.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { DownloadEvent, DownloadEventOf } from "./DownloadEvent.js";
import type { DownloadState, PeerRow, PeerState } from "./DownloadState.js";
import { foldEvent, type Folds } from "./foldEvent.js";
import { isTrouble } from "./Recovery.js";

type Rows = DownloadState["peers"];
type Open = DownloadState["open"];

const leftRowsKept = 64;

/** The peers' rows after one more event, which took the chunks under way from `before` to `after`. */
export function reducePeers(rows: Rows, before: Open, after: Open, event: DownloadEvent): Rows {
  const changed = foldEvent(folds, rows, event);
  return before === after ? changed : countLegs(changed, after);
}

const folds: Folds<Rows> = {
  "download-started": (rows) =>
    rows.filter(({ state }) => state !== "left").map((row) => ({ ...calm(row), state: "ready" })),
  "peer-joined": (rows, { peer, source }) =>
    update(rows, peer, (row) => ({
      ...(row.state === "left" ? { ...calm(row), state: "ready" } : row),
      ...(source !== "link" && { source }),
    })),
  "peer-left": (rows, { peer }) =>
    forgetLongGone(update(rows, peer, (row) => (isBanned(row) ? row : { ...calm(row), state: "left" }))),
  "peer-restored": (rows, { peer }) => update(rows, peer, (row) => ({ ...calm(row), state: "ready", failures: 0 })),
  "peer-blacklisted": (rows, event) => troubled(rows, event.probing ? "probing" : "blacklisted", event),
  "peer-busy": (rows, event) => troubled(rows, "busy", event),
  "peer-excluded": (rows, event) => troubled(rows, "excluded", event),
  "mirror-refused": (rows, event) => troubled(rows, "excluded", event),
  "peer-quarantined": (rows, event) => troubled(rows, "quarantined", event),
  "attempt-started": (rows, { peer }) =>
    update(rows, peer, (row) => {
      if (row.state === "busy") return { ...calm(row), state: "ready" };
      return row.state === "blacklisted" ? { ...row, state: "probing" } : row;
    }),
  "attempt-failed": (rows, event) =>
    event.continued && !isTrouble(event)
      ? rows
      : update(rows, event.peer, (row) => ({ ...row, failed: row.failed + 1 })),
  "chunk-verified": credited,
  "chunk-stored": credited,
  progress: (rows, { bytesPerSecondByPeer, underWayByPeer = {} }) =>
    bytesPerSecondByPeer === undefined
      ? rows
      : rows.map((row) => asked(paced(row, bytesPerSecondByPeer[row.id] ?? 0), underWayByPeer[row.id])),
};

function paced(row: PeerRow, bytesPerSecond: number): PeerRow {
  return row.bytesPerSecond === bytesPerSecond ? row : { ...row, bytesPerSecond };
}

function asked(row: PeerRow, known: PeerUnderWay | undefined): PeerRow {
  if (known === undefined) return row;
  const { failures, roundTripMs = row.roundTripMs } = known;
  return row.failures === failures && row.roundTripMs === roundTripMs ? row : { ...row, ...known };
}

function credited(rows: Rows, { peers }: DownloadEventOf<"chunk-verified" | "chunk-stored">): Rows {
  return Object.entries(peers).reduce(
    (all, [peer, bytes]) => update(all, peer, (row) => ({ ...row, ok: row.ok + 1, bytes: row.bytes + bytes })),
    rows,
  );
}

interface Trouble {
  readonly peer: string;
  readonly code: DownloadErrorCode;
  readonly untilMs?: number;
  readonly failures?: number;
}

function troubled(rows: Rows, state: PeerState, { peer, code, untilMs, failures }: Trouble): Rows {
  return update(rows, peer, (row) =>
    isBanned(row) && state !== "quarantined"
      ? row
      : { ...calm(row), state, why: code, ...(untilMs !== undefined && { untilMs }), ...(failures && { failures }) },
  );
}

function isBanned({ state }: PeerRow): boolean {
  return state === "quarantined" || state === "excluded";
}

/** The row without what belongs to the state that it leaves. */
function calm({ untilMs: _until, why: _why, ...row }: PeerRow): PeerRow {
  return row;
}

function update(rows: Rows, id: string, change: (row: PeerRow) => PeerRow): Rows {
  const at = rows.findIndex((row) => row.id === id);
  const row = rows[at];
  if (row) return rows.with(at, change(row));
  return [
    ...rows,
    change({ id, state: "ready", inFlight: 0, ok: 0, failed: 0, failures: 0, bytes: 0, bytesPerSecond: 0 }),
  ];
}

function forgetLongGone(rows: Rows): Rows {
  const gone = rows.filter(({ state }) => state === "left");
  return gone.length > leftRowsKept ? rows.filter((row) => row !== gone[0]) : rows;
}

function countLegs(rows: Rows, open: Open): Rows {
  const counts = new Map<string, number>();
  for (const { legs } of Object.values(open))
    for (const { peer } of legs) counts.set(peer, (counts.get(peer) ?? 0) + 1);
  return rows.map((row) => {
    const inFlight = counts.get(row.id) ?? 0;
    return inFlight === row.inFlight ? row : { ...row, inFlight };
  });
}
