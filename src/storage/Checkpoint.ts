import type { Validators } from "../manifest/Manifest.js";
import type { MetPeer } from "./MetPeer.js";
import type { SavedPeerRecord } from "./SavedPeerRecord.js";

/** Bringers that a checkpoint can name: a byte says which of them brought a chunk, and 0 is none. */
export const mostBringers = 255;

/** Memory of a chunk that failed, for people and for the next run's log. */
export interface ChunkRetryState {
  readonly chunkIndex: number;
  readonly attemptCount: number;
  /** Wall time, ms since the epoch. */
  readonly lastAttempt: number;
  readonly lastPeer?: string;
  /** Code of the last error. */
  readonly lastError?: string;
}

/** Progress of a download, from which it goes on after a restart. */
export interface Checkpoint {
  readonly version: 1;
  readonly root: string;
  readonly name: string;
  readonly size: number;
  readonly chunkSize: number;
  /** Bit i (least significant first) of byte i >> 3 is set when chunk i is complete. */
  readonly complete: Uint8Array;
  /** Bytes present from the start of unfinished chunks, by chunk index. */
  readonly frontiers: Readonly<Record<string, number>>;
  /** CRC-32 of each complete chunk of a file without digests, as `ChunkSums` has them. */
  readonly sums?: Uint8Array;
  /** CRC-32 of the bytes of unfinished chunks, by chunk index. */
  readonly frontierSums?: Readonly<Record<string, number>>;
  /** Peers that brought chunks of a file without digests, by id: `broughtBy` has one byte a chunk, its peer's place in this list from 1; 0 for all else. */
  readonly bringers?: readonly string[];
  readonly broughtBy?: Uint8Array;
  readonly failed: readonly ChunkRetryState[];
  readonly peers: Readonly<Record<string, SavedPeerRecord>>;
  /** Peers that strangers told of, and that were of use. */
  readonly met?: readonly MetPeer[];
  /** Validators of the versions that the mirrors of a file without digests have, by id. */
  readonly mirrors?: Readonly<Record<string, Validators>>;
  /** How often the download was taken up again. */
  readonly resumes: number;
  /** Stamp of the stored bytes after a clean end; absent while a download runs. */
  readonly cleanStamp?: string;
  /** Wall time, ms since the epoch. */
  readonly savedAt: number;
}
