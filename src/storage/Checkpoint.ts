/** How one peer has served so far; what the ranking learns from. Decayed counts, so not always whole numbers. */
export interface SavedPeerRecord {
  /** Legs that delivered, and legs that failed. */
  readonly ok: number;
  readonly failed: number;
  /** EWMA of goodput, bytes a second; absent until measured. */
  readonly bytesPerSecond?: number;
  /** EWMA of the time to the first byte. */
  readonly roundTripMs?: number;
  /** Consecutive failures. */
  readonly failures: number;
  /** Wall time, ms since the epoch, at which its blacklisting ends. */
  readonly blacklistedUntil?: number;
}

/** What is remembered of a chunk that failed; a record, for people and for the next run's log. */
export interface ChunkRetryState {
  readonly chunkIndex: number;
  readonly attemptCount: number;
  /** Wall time, ms since the epoch. */
  readonly lastAttempt: number;
  readonly lastPeer?: string;
  /** Code of the last error. */
  readonly lastError?: string;
}

/** Everything needed to go on after a restart. */
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
  readonly failed: readonly ChunkRetryState[];
  readonly peers: Readonly<Record<string, SavedPeerRecord>>;
  /** How often the download was taken up again. */
  readonly resumes: number;
  /** Stamp of the stored bytes after a clean end; absent while a download runs. */
  readonly cleanStamp?: string;
  /** Wall time, ms since the epoch. */
  readonly savedAt: number;
}
