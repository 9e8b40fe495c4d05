import type { DownloadErrorCode, Verdict } from "../errors/verdicts.js";

/** The reason for a second leg: a first byte is late, a leg died, or a free peer would be done sooner. */
export type HedgeReason = "slow-first-byte" | "dead" | "take-over" | "end-game";

/** One step of a chunk on its way. */
export type TransferEvent =
  | {
      readonly type: "attempt-started";
      readonly chunk: number;
      readonly attempt: number;
      readonly leg: number;
      readonly peer: string;
      /** First byte asked for, from the start of the chunk. */
      readonly offset: number;
    }
  | {
      readonly type: "attempt-failed";
      readonly chunk: number;
      readonly attempt: number;
      readonly leg: number;
      readonly peer: string;
      readonly code: DownloadErrorCode;
      readonly verdict: Verdict;
      readonly message: string;
      /** Bytes that this leg brought. */
      readonly received: number;
      /** The chunk goes on without using a retry. */
      readonly continued: boolean;
    }
  /** A leg that we stopped, nobody's failure: another one was first, or the download stops. */
  | {
      readonly type: "attempt-cancelled";
      readonly chunk: number;
      readonly attempt: number;
      readonly leg: number;
      readonly peer: string;
      /** Bytes that this leg brought. */
      readonly received: number;
    }
  | {
      readonly type: "retry-scheduled";
      readonly chunk: number;
      readonly retry: number;
      readonly maxRetries: number;
      readonly delayMs: number;
      readonly peer?: string;
    }
  | {
      readonly type: "peer-switched";
      readonly chunk: number;
      readonly from: string;
      readonly to: string;
      readonly reason: string;
    }
  | {
      readonly type: "hedge-started";
      readonly chunk: number;
      /** The peer that was asked for the chunk last. */
      readonly primary: string;
      readonly backup: string;
      readonly reason: HedgeReason;
    }
  | { readonly type: "waiting"; readonly reason: "budget"; readonly untilMs?: number }
  /** The chunk is in place, whole, and has the digest that the manifest says. */
  | ({ readonly type: "chunk-verified" } & CompleteChunk)
  /** The chunk is in place, whole; no digest is known that would prove it, though one of a weak function may have matched. */
  | ({ readonly type: "chunk-stored" } & CompleteChunk);

/** A chunk that is in place, whole. */
export interface CompleteChunk {
  readonly chunk: number;
  readonly bytes: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly elapsedMs: number;
  /** True when no peer was asked: a resumed download found the chunk on disk. */
  readonly resumed?: true;
}
