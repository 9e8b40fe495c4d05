import type { Observable } from "rxjs";
import type { Checkpoint } from "./Checkpoint.js";

/**
 * Where the progress of one download is kept. Every method is lazy, works once a subscription, in the order of the
 * subscriptions and never two at once, and runs to its end even if unsubscribed. Errors are `LOCAL_IO`.
 *
 * A record claims bytes: `ChunkSink.sync` must have completed before a checkpoint that counts them is saved.
 */
export interface ProgressStore {
  /**
   * One emission: the saved checkpoint, `undefined` when there is none, or why the saved one could not be read; that one has
   * been set aside by then. Errors with `INVALID_CHECKPOINT` when there is a record of another file or of a newer version,
   * which stays untouched.
   */
  load(): Observable<Checkpoint | UnreadableCheckpoint | undefined>;
  /** Completes when the record would survive a power loss. The checkpoint is read at once; it may change afterwards. */
  save(checkpoint: Checkpoint): Observable<never>;
  /** Forgets the progress: the download is done. May be called again. */
  clear(): Observable<never>;
}

/** The saved record was damaged; it has been set aside under the given name. */
export interface UnreadableCheckpoint {
  readonly unreadable: string;
  readonly setAside: string;
}
