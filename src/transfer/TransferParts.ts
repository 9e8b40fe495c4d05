import type { Observable, SchedulerLike } from "rxjs";
import type { Backoff } from "../../operators/backoff.js";
import type { RetryBudget } from "../../operators/retryBudget.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { PeerPool } from "../peers/PeerPool.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import type { TransferEvent } from "./TransferEvent.js";

/** Why received bytes were of no use. */
export type WasteReason = "hedge" | "checksum" | "restart" | "duplicate";

/** Where the bytes of legs are counted. */
export interface ByteMeter {
  received(peer: string, bytes: number): void;
  wasted(reason: WasteReason, bytes: number): void;
}

/** The price of retries and second legs, over all chunks. */
export interface RetryAllowance extends RetryBudget {
  /** Pays for a leg that takes the place of a dead one, as a retry is paid for; tells whether it could. */
  tryReplace(): boolean;
  /** Pays for a leg beside a living one; tells whether it could. */
  tryHedge(): boolean;
}

/** The parts that all chunks of one download share. */
export interface TransferParts {
  readonly manifest: FileFacts;
  readonly pool: PeerPool;
  readonly sink: ChunkSink;
  readonly sha256: Sha256;
  readonly scheduler: SchedulerLike;
  readonly backoff: Backoff;
  readonly allowance: RetryAllowance;
  readonly meter: ByteMeter;
  /** Bytes right behind a chunk that are missing and that nobody was asked for. */
  readonly untouchedAfter: (chunk: number) => number;
  /** Says `true` while we ourselves keep the peers back. */
  readonly paused: Observable<boolean>;
  readonly emit: (event: TransferEvent) => void;
}

/** How patient a chunk is. */
export interface TransferConfig {
  readonly maxRetries: number | (() => number);
  readonly samePeerRetries: number;
  readonly attemptTimeoutMs: number;
  readonly deadlineMs: number;
  /** Wait before a second continuation. */
  readonly continuationDelayMs: number;
  /**
   * True when an attempt may have a second leg, silent legs are given up, and a leg that broke after progress goes on from its frontier without using
   * a retry.
   */
  readonly parallel: boolean;
  /** True when any permanent error ends the download. */
  readonly strict: boolean;
  /** Wait before a peer is asked again while no connection to any holds and others may come, ms: then no retry is used. @default nobody may come */
  readonly desertedDelayMs?: number | undefined;
}
