import type { AccountSoFar, WaitReason } from "./Account.js";
import type { ChunkRange } from "./ChunkRange.js";
import type { PeerOrigin } from "../peers/NamedAddress.js";
import type { DownloadEventOf, DownloadEventType, ManifestCard } from "./DownloadEvent.js";

/**
 * Phase that a download is in now.
 *
 * - `starting`: nothing is known of the file yet
 * - `downloading`, `waiting`: it is under way, or cannot go on for the reason in `waiting`
 * - `checking`: the whole is hashed, that came or that was here before; `hashed` says how much of it
 * - `completed`, `paused`, `failed`: it ended; `outcome` says how
 */
export type DownloadPhase = "starting" | "downloading" | "waiting" | "checking" | "completed" | "paused" | "failed";

/** Standing of a peer: `probing` is a blacklisted one that gets its one chance, `left` one that is gone. */
export type PeerState = "ready" | "busy" | "blacklisted" | "probing" | "quarantined" | "excluded" | "left";

/** One peer as far as the events tell. */
export interface PeerRow {
  readonly id: string;
  /** How its address came to be known; missing where the user named it. */
  readonly source?: PeerOrigin;
  readonly state: PeerState;
  /** Requests under way. */
  readonly inFlight: number;
  /** Verified chunks that it brought bytes of. */
  readonly ok: number;
  /** Requests of its that failed, those not counted that broke off and went on. */
  readonly failed: number;
  /** Failures in a row, as far as was told. */
  readonly failures: number;
  /** Shortest time to a first byte of late, ms; missing before it was told. */
  readonly roundTripMs?: number;
  /** Bytes of verified chunks that it brought. */
  readonly bytes: number;
  /** Speed of late. */
  readonly bytesPerSecond: number;
  /** Scheduler time at which its state ends, ms. */
  readonly untilMs?: number;
  /** Code of the failure behind its state. */
  readonly why?: string;
}

/** A chunk that was begun and is not done. */
export interface OpenChunk {
  readonly attempt: number;
  readonly legs: readonly { readonly leg: number; readonly peer: string }[];
  /** True while the chunk waits for its next retry. */
  readonly retrying: boolean;
}

/** A download that is getting over failures. */
export interface RecoveryState {
  readonly since: number;
  readonly code: string;
  /** Indices of chunks that failed and are not verified yet. */
  readonly chunks: readonly number[];
}

/** A failure that is to be got over by trying again. */
export interface RetryingState {
  readonly code: string;
  readonly message: string;
  readonly untilMs?: number;
}

/** A line worth showing for a while. */
export interface RecentLine {
  readonly at: number;
  readonly type: DownloadEventType;
  readonly text: string;
}

/** State of a download as a page or a terminal shows it: a fold of its events, as plain data. */
export interface DownloadState {
  readonly phase: DownloadPhase;
  readonly manifest: ManifestCard | undefined;
  /** Scheduler time of the first and of the last event, ms. */
  readonly startedAt: number | undefined;
  readonly at: number;
  /** Bytes of complete chunks. Never fewer than before, never more than the size. */
  readonly done: number;
  /** Bytes of complete chunks that a digest proves: of each chunk, or, at the end, of the whole. */
  readonly verified: number;
  /** Bytes found on disk when the download started. */
  readonly resumed: number;
  /** Bytes that came over the wire. */
  readonly received: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | undefined;
  readonly retries: number;
  readonly chunks: {
    readonly total: number;
    readonly done: number;
    /** Chunks with a request under way. */
    readonly active: number;
    /** Chunks that wait for their next retry. */
    readonly retrying: number;
    /** Chunks given up in this round. */
    readonly failed: number;
  };
  /** Chunks that are complete, as runs in order. */
  readonly complete: readonly ChunkRange[];
  /** Chunks begun and not done, by chunk index. */
  readonly open: Readonly<Record<string, OpenChunk>>;
  /** Indices of chunks given up in this round. */
  readonly givenUp: readonly number[];
  /** Peers in the order in which they joined. */
  readonly peers: readonly PeerRow[];
  /** The last two retries, switches, notices and so on; at most six in all, oldest first. */
  readonly recent: readonly RecentLine[];
  /** Bytes of the whole that are hashed, and its size, while it is; missing before it was told. */
  readonly hashed: { readonly bytes: number; readonly size: number } | undefined;
  /** Cause of the wait that is on, its end (scheduler time, ms), and of `lacking` how many chunks that are. */
  readonly waiting: { readonly reason: WaitReason; readonly untilMs?: number; readonly chunks?: number } | undefined;
  /** The last failure, while nothing has come since, and when it is tried again (scheduler time, ms). */
  readonly retrying: RetryingState | undefined;
  /** The chunks in trouble, since when (scheduler time, ms), and the code of the first failure. */
  readonly recovering: RecoveryState | undefined;
  /** Account until now, and in the end of the whole run; missing before it was told. */
  readonly account: AccountSoFar | undefined;
  /** The event it ended with. */
  readonly outcome: DownloadEventOf<"download-completed" | "download-paused" | "download-failed"> | undefined;
}

/** The state before the first event. */
export const initialState: DownloadState = {
  phase: "starting",
  manifest: undefined,
  startedAt: undefined,
  at: 0,
  done: 0,
  verified: 0,
  resumed: 0,
  received: 0,
  bytesPerSecond: 0,
  secondsLeft: undefined,
  retries: 0,
  chunks: { total: 0, done: 0, active: 0, retrying: 0, failed: 0 },
  complete: [],
  open: {},
  givenUp: [],
  peers: [],
  recent: [],
  hashed: undefined,
  waiting: undefined,
  retrying: undefined,
  recovering: undefined,
  account: undefined,
  outcome: undefined,
};

/** Bytes that are done, of a hundred, rounded down, so that 100 means done; `undefined` while the size is not known. */
export function percentOf(state: Pick<DownloadState, "manifest" | "done">): number | undefined {
  const size = state.manifest?.size;
  if (size === undefined) return undefined;
  return size === 0 ? 100 : Math.floor((state.done * 100) / size);
}

/** Bytes of the whole that are hashed, of a hundred, rounded down; `undefined` while none is, or nobody has told. */
export function percentHashed({ hashed }: Pick<DownloadState, "hashed">): number | undefined {
  if (hashed === undefined) return undefined;
  return hashed.size === 0 ? 100 : Math.floor((hashed.bytes * 100) / hashed.size);
}
