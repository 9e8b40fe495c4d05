import type { Integrity } from "../manifest/Manifest.js";
import type { HedgeReason } from "../transfer/TransferEvent.js";
import type { WasteReason } from "../transfer/TransferParts.js";
import type { WaitReason } from "./DownloadEvent.js";

/** Where every byte and every second of a download went. */
export interface Account {
  readonly size: number;
  /** How its bytes were verified. */
  readonly integrity: Integrity;
  /** Bytes of complete chunks, those found on disk included: their digest matched, or, where none is known, all of them are in place. */
  readonly verified: number;
  /** Bytes that came over the wire, in this run. */
  readonly received: number;
  /** Bytes found on disk by this run. */
  readonly resumed: number;
  /** Received bytes, by peer id. */
  readonly bytesByPeer: Readonly<Record<string, number>>;
  /** Bytes received in vain, by reason. */
  readonly waste: Readonly<Partial<Record<WasteReason, number>>>;
  /** Retries, by the code of the failure that caused them. */
  readonly retries: Readonly<Record<string, number>>;
  /** Waits that were no retries, by cause. */
  readonly waits: Readonly<Partial<Record<WaitReason, number>>>;
  readonly continuations: number;
  readonly switches: number;
  /** Second legs, by the reason that they were started for. */
  readonly hedges: Readonly<Partial<Record<HedgeReason, number>>>;
  /** Chunks that failed at least once. */
  readonly troubledChunks: number;
  /** Those of them that were verified in the end. */
  readonly recoveredChunks: number;
  /** Longest time from a chunk's first failure to its verification, ms. */
  readonly longestRecoveryMs: number;
  readonly failedChunks: number;
  /** How often this download was taken up again, by any run. */
  readonly resumes: number;
  readonly elapsedMs: number;
}
