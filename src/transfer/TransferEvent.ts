import type { DownloadErrorCode, Verdict } from "../errors/verdicts.js";

/** The reason for a second leg: a first byte is late, a leg died, or a free peer would be done sooner. */
export type HedgeReason = "slow-first-byte" | "dead" | "take-over" | "end-game";

/** One step of a chunk on its way. */
export type TransferEvent =
  /** A peer is asked for a chunk, or for its rest. */
  | {
      readonly type: "attempt-started";
      /** Place of the chunk in the file, from 0. */
      readonly chunk: number;
      /** Number of the attempt at this chunk, from 0. */
      readonly attempt: number;
      /** Number of the request within the attempt, from 0. */
      readonly leg: number;
      /** Id of the peer, an address. */
      readonly peer: string;
      /** First byte asked for, from the start of the chunk. */
      readonly offset: number;
    }
  /** A request for a chunk ended without its bytes. */
  | {
      readonly type: "attempt-failed";
      readonly chunk: number;
      readonly attempt: number;
      readonly leg: number;
      readonly peer: string;
      /** Kind of the failure. */
      readonly code: DownloadErrorCode;
      /** Next step: wait and ask again, go on with another peer, or end. */
      readonly verdict: Verdict;
      /** Words for people. */
      readonly message: string;
      /** Bytes that this leg brought. */
      readonly received: number;
      /** True when the chunk goes on without using a retry. */
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
  /** A chunk waits before it is asked for again. */
  | {
      readonly type: "retry-scheduled";
      readonly chunk: number;
      /** Number of the retry, from 1. */
      readonly retry: number;
      /** Retries in force. */
      readonly maxRetries: number;
      /** Length of the wait, ms. */
      readonly delayMs: number;
      readonly peer?: string;
    }
  /** A chunk is asked of another peer than before. */
  | {
      readonly type: "peer-switched";
      readonly chunk: number;
      /** Id of the peer that is left. */
      readonly from: string;
      /** Id of the peer that is asked now. */
      readonly to: string;
      /** Cause: the code of a failure, or the kind of a second request. */
      readonly reason: string;
    }
  /** A second peer is asked for a chunk beside, or in the place of, the first. */
  | {
      readonly type: "hedge-started";
      readonly chunk: number;
      /** Id of the peer that was asked for the chunk last. */
      readonly primary: string;
      /** Id of the peer that is asked, too. */
      readonly backup: string;
      readonly reason: HedgeReason;
    }
  /** Retries wait for the common bucket of the download. */
  | { readonly type: "waiting"; readonly reason: "budget"; readonly untilMs?: number }
  /** The chunk is in place, whole, and has the digest that the manifest says. */
  | ({ readonly type: "chunk-verified" } & CompleteChunk)
  /** The chunk is in place, whole; no digest is known that would prove it, though one of a weak function may have matched. */
  | ({ readonly type: "chunk-stored" } & CompleteChunk);

/** A chunk that is in place, whole. */
export interface CompleteChunk {
  readonly chunk: number;
  /** Length of the chunk. */
  readonly bytes: number;
  /** Bytes that each peer brought, by its id. */
  readonly peers: Readonly<Record<string, number>>;
  /** Attempts that it took; 0 when the chunk was on the disk. */
  readonly attempts: number;
  /** Time from the first request, ms. */
  readonly elapsedMs: number;
  /** True when no peer was asked: a resumed download found the chunk on disk. */
  readonly resumed?: true;
}
