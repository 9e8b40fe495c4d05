import type { Observable } from "rxjs";
import type { Checkpoint } from "./Checkpoint.js";

/** Where the progress of one download is kept. Errors with `LOCAL_IO` or `INVALID_CHECKPOINT`. */
export interface ProgressStore {
  /** One emission: the saved checkpoint, `undefined` when there is none, or why the saved one could not be read. */
  load(): Observable<Checkpoint | UnreadableCheckpoint | undefined>;
  /** Completes when the record would survive a power loss. */
  save(checkpoint: Checkpoint): Observable<never>;
  /** Forgets the progress: the download is done. */
  clear(): Observable<never>;
}

/** The saved record was damaged; it has been set aside under the given name. */
export interface UnreadableCheckpoint {
  readonly unreadable: string;
  readonly setAside: string;
}
