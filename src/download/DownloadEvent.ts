import type { HashType } from "../manifest/HashType.js";
import type { Integrity } from "../manifest/Manifest.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { PeerUnderWay, PoolEvent } from "../peers/PoolEvent.js";
import type { TransferEvent } from "../transfer/TransferEvent.js";
import type { Account, AccountSoFar } from "./Account.js";
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
  /** The file is known, and so is what is here of it. */
  | {
      readonly type: "download-started";
      /** Facts of the file: name, size, chunks, how it is verified. */
      readonly manifest: ManifestCard;
      /** Chunks that were here already. */
      readonly resumedChunks: number;
      /** Bytes of these chunks. */
      readonly resumedBytes: number;
      /** Runs of chunks that are here already, each by its first chunk and how many they are; absent where there are none, or where the whole file is here. */
      readonly resumedRanges?: readonly (readonly [from: number, count: number])[];
    }
  /** A chunk has no retry left. */
  | {
      readonly type: "chunk-failed";
      readonly chunk: number;
      readonly code: DownloadErrorCode;
      /** Attempts that there were. */
      readonly attempts: number;
      /** True when it waits for another round, in which it is tried again: when the others are done, and something came of them. */
      readonly parked?: boolean;
    }
  /** A wait for somebody who can be asked. Told again every half a minute. */
  | { readonly type: "waiting"; readonly reason: "no-peers"; readonly untilMs: number }
  /** A wait for somebody who has any of the chunks that are lacking: of those who are reached nobody has. Told again every half a minute. */
  | {
      readonly type: "waiting";
      readonly reason: "lacking";
      /** Chunks that are lacking. */
      readonly chunks: number;
      readonly untilMs: number;
    }
  /** The network of this machine is down. */
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
      /** Chunks that were in trouble. */
      readonly chunks: number;
      /** Retries since the first failure. */
      readonly retries: number;
      /** Switches to another peer. */
      readonly switches: number;
      /** Requests that died and were replaced at once by one to another peer. */
      readonly replacements: number;
      /** Time from the first failure, ms. */
      readonly elapsedMs: number;
    }
  /** All bytes are here; the whole is hashed, to be compared with the digest that is known of it. */
  | {
      readonly type: "checking";
      /** Function of the digest. */
      readonly hash: HashType;
    }
  /** A matter that ends nothing, and that a user may want to know. */
  | { readonly type: "notice"; readonly message: string }
  /** Four times a second, and once more when all of it is here: how far the download is, and how fast. */
  | {
      readonly type: "progress";
      /** Bytes of complete chunks. */
      readonly done: number;
      /** Bytes of complete chunks that a digest proves. */
      readonly verified: number;
      /** Bytes that came over the wire in this run. */
      readonly received: number;
      /** Size of the file, bytes; missing where nobody told it. */
      readonly size?: number;
      /** Bytes that came a second, of late. */
      readonly bytesPerSecond: number;
      /** Seconds until the end at this speed; missing while nothing comes. */
      readonly secondsLeft?: number;
      /** Retries of this run. */
      readonly retries: number;
      /** Speeds of the peers that brought bytes of late, by peer id; absent where nobody can tell whose bytes they are. */
      readonly bytesPerSecondByPeer?: Readonly<Record<string, number>>;
      /** Peers with a request under way, by peer id; absent where nobody can tell. */
      readonly underWayByPeer?: Readonly<Record<string, PeerUnderWay>>;
      /** Account of every byte and second until now, but for the bytes of each peer. */
      readonly accountSoFar?: AccountSoFar;
    }
  /** A record of what is here has been written, and would survive a loss of power. */
  | { readonly type: "checkpoint-saved"; readonly done: number }
  /** The last event of a download that has its file. */
  | {
      readonly type: "download-completed";
      /** Account of every byte and second. */
      readonly account: Account;
    }
  /** The last event of a download that was paused. */
  | {
      readonly type: "download-paused";
      readonly account: Account;
      /** True when what was here of it was removed, as was wished. */
      readonly removed?: true;
    }
  /** The last event of a download that failed; an error with the same `code` follows. */
  | {
      readonly type: "download-failed";
      readonly account: Account;
      readonly code: DownloadErrorCode;
      readonly message: string;
      /** Chunks that are missing, by their places. */
      readonly failedChunks: readonly number[];
      /** True when the next run goes on from what is here. */
      readonly resumable: boolean;
    };

/** An event that has not been stamped with its time yet. */
export type UntimedEvent = DiscoveryEvent | TransferEvent | PoolEvent | RunEvent;

export type DownloadEventType = UntimedEvent["type"];

/** One thing that happened to a download, as plain data. */
export type DownloadEvent = UntimedEvent & {
  /** Time in which the machine was awake and on the network, ms. */
  readonly at: number;
};

/** The event of one type. */
export type DownloadEventOf<Type extends DownloadEventType> = DownloadEvent & { readonly type: Type };

/** The events of a download whose last one, when it completes, has what came of it. */
export type DownloadEventWith<Result> =
  Exclude<DownloadEvent, { readonly type: "download-completed" }> | (DownloadEventOf<"download-completed"> & Result);
