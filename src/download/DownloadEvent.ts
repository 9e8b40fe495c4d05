import type { DownloadErrorCode, Verdict } from "../errors/verdicts.js";
import type { Account } from "./Account.js";

/** What everyone may know of a manifest without its digests. */
export interface ManifestCard {
  readonly root: string;
  readonly name: string;
  readonly size: number;
  readonly chunkSize: number;
  readonly chunkCount: number;
}

/** Why a second leg was started. */
export type HedgeReason = "slow-start" | "dead" | "take-over" | "end-game";
export type WaitReason = "no-peers" | "busy" | "budget" | "offline";

type Events = {
  "download-started": {
    readonly manifest: ManifestCard;
    readonly resumedChunks: number;
    readonly resumedBytes: number;
  };
  "peer-joined": { readonly peer: string };
  "peer-left": { readonly peer: string };
  "peer-restored": { readonly peer: string };
  "peer-blacklisted": PeerTrouble;
  "peer-quarantined": PeerTrouble;
  "peer-busy": PeerTrouble;
  "peer-excluded": PeerTrouble;
  "attempt-started": ChunkAt & {
    readonly attempt: number;
    readonly leg: number;
    readonly peer: string;
    readonly offset: number;
  };
  "attempt-failed": ChunkAt & {
    readonly attempt: number;
    readonly leg: number;
    readonly peer: string;
    readonly code: DownloadErrorCode;
    readonly verdict: Verdict;
    readonly message: string;
    /** Bytes that this leg brought. */
    readonly received: number;
    /** The chunk goes on from its frontier; no retry is counted. */
    readonly continued: boolean;
  };
  "retry-scheduled": ChunkAt & {
    readonly retry: number;
    readonly maxRetries: number;
    readonly delayMs: number;
    readonly peer?: string;
  };
  "peer-switched": ChunkAt & { readonly from: string; readonly to: string; readonly reason: string };
  "hedge-started": ChunkAt & { readonly primary: string; readonly backup: string; readonly reason: HedgeReason };
  "chunk-verified": ChunkAt & {
    readonly bytes: number;
    /** Who brought how many of its bytes. */
    readonly peers: Readonly<Record<string, number>>;
    readonly attempts: number;
    readonly elapsedMs: number;
    /** Found on disk by a resumed download. */
    readonly resumed?: true;
  };
  "chunk-failed": ChunkAt & { readonly code: DownloadErrorCode; readonly attempts: number };
  waiting: { readonly reason: WaitReason; readonly untilMs?: number };
  notice: { readonly message: string };
  progress: {
    readonly verified: number;
    readonly received: number;
    readonly size?: number;
    readonly bytesPerSecond: number;
    readonly secondsLeft?: number;
    readonly retries: number;
  };
  "checkpoint-saved": { readonly verified: number };
  "download-completed": { readonly account: Account };
  "download-paused": { readonly account: Account };
  "download-failed": {
    readonly account: Account;
    readonly code: DownloadErrorCode;
    readonly message: string;
    readonly failedChunks: readonly number[];
    readonly resumable: boolean;
  };
};

interface ChunkAt {
  /** 0-based index of the chunk. */
  readonly chunk: number;
}

interface PeerTrouble {
  readonly peer: string;
  readonly code: DownloadErrorCode;
  /** Consecutive failures. */
  readonly failures?: number;
  /** Scheduler time, ms. */
  readonly untilMs?: number;
  /** It is asked early, because nobody else is left. */
  readonly probing?: true;
}

export type DownloadEventType = keyof Events;

/** One thing that happened, as plain data. `at` is scheduler time in ms. */
export type DownloadEvent = {
  [Type in DownloadEventType]: { readonly type: Type; readonly at: number } & Events[Type];
}[DownloadEventType];

/** The event of one type. */
export type DownloadEventOf<Type extends DownloadEventType> = Extract<DownloadEvent, { readonly type: Type }>;

/** An event that has not been stamped with its time yet. */
export type UntimedEvent<Type extends DownloadEventType = DownloadEventType> = {
  [Each in Type]: { readonly type: Each } & Events[Each];
}[Type];
