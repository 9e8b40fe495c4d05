import type { HashType } from "../manifest/HashType.js";
import type { Integrity } from "../manifest/Manifest.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { PoolEvent } from "../peers/PoolEvent.js";
import type { TransferEvent } from "../transfer/TransferEvent.js";
import type { Account } from "./Account.js";
import type { DiscoveryEvent } from "./DiscoveryEvent.js";

/** Facts of a file that everyone may know: no digests. */
export interface ManifestCard {
  readonly root: string;
  readonly name: string;
  readonly size: number;
  readonly chunkSize: number;
  readonly chunkCount: number;
  /**
   * How its bytes are verified: `chunks`, each by its digest; `file`, once, as a whole; `weak`: checked, by digests that could be forged; `none`: bytes
   * that are in place are all there is to say.
   */
  readonly integrity: Integrity;
}

/** Events of a download as a whole, besides those before it knows its file (DiscoveryEvent), of its chunks (TransferEvent) and of its peers (PoolEvent). */
export type RunEvent =
  | {
      readonly type: "download-started";
      readonly manifest: ManifestCard;
      readonly resumedChunks: number;
      readonly resumedBytes: number;
      /** Runs of chunks that are here already, each by its first chunk and how many they are; absent where there are none, or where the whole file is here. */
      readonly resumedRanges?: readonly (readonly [from: number, count: number])[];
    }
  | {
      readonly type: "chunk-failed";
      readonly chunk: number;
      readonly code: DownloadErrorCode;
      readonly attempts: number;
    }
  | { readonly type: "waiting"; readonly reason: "offline"; readonly untilMs?: number }
  /** The first chunk is in trouble: a request for it failed. Once, until all are out of it. */
  | {
      readonly type: "recovering";
      readonly chunk: number;
      readonly peer: string;
      readonly code: DownloadErrorCode;
    }
  /** All chunks that were in trouble are verified; what it took, since the first failure. */
  | {
      readonly type: "recovered";
      readonly chunks: number;
      readonly retries: number;
      readonly switches: number;
      /** Requests that died and were replaced at once by one to another peer. */
      readonly replacements: number;
      readonly elapsedMs: number;
    }
  /** All bytes are here; the whole is hashed, to be compared with the digest that is known of it. */
  | { readonly type: "checking"; readonly hash: HashType }
  | { readonly type: "notice"; readonly message: string }
  | {
      readonly type: "progress";
      /** Bytes of complete chunks. */
      readonly done: number;
      /** Bytes of complete chunks that a digest proves. */
      readonly verified: number;
      readonly received: number;
      readonly size?: number;
      readonly bytesPerSecond: number;
      readonly secondsLeft?: number;
      readonly retries: number;
    }
  | { readonly type: "checkpoint-saved"; readonly done: number }
  | { readonly type: "download-completed"; readonly account: Account }
  /** `removed`: what was here of it was removed, as was wished. */
  | { readonly type: "download-paused"; readonly account: Account; readonly removed?: true }
  | {
      readonly type: "download-failed";
      readonly account: Account;
      readonly code: DownloadErrorCode;
      readonly message: string;
      readonly failedChunks: readonly number[];
      readonly resumable: boolean;
    };

/** An event that has not been stamped with its time yet. */
export type UntimedEvent = DiscoveryEvent | TransferEvent | PoolEvent | RunEvent;

export type DownloadEventType = UntimedEvent["type"];

/** One thing that happened, as plain data. `at`, and `untilMs` where there is one, is time in ms in which the machine was awake and on the network. */
export type DownloadEvent = UntimedEvent & { readonly at: number };

/** The event of one type. */
export type DownloadEventOf<Type extends DownloadEventType> = DownloadEvent & { readonly type: Type };

/** The events of a download whose last one, when it completes, has what came of it. */
export type DownloadEventWith<Result> =
  Exclude<DownloadEvent, { readonly type: "download-completed" }> | (DownloadEventOf<"download-completed"> & Result);
