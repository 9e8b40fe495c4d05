import type { Observable } from "rxjs";
import type { Manifest } from "../manifest/Manifest.js";

/** A file, or the part of it that is there, from which a seeder serves. */
export interface ByteSource {
  readonly manifest: Manifest;
  /**
   * Emits exactly `length` bytes at `offset` of the file, once, and completes; the bytes must not change afterwards. A read is awaited, and counts among
   * `maxReads`, until it completes or errors, also when its client is gone; it is unsubscribed only when the seeder stops. A `DownloadError` that a peer may
   * speak of (`PEER_BUSY`, `PEER_UNAVAILABLE`, `CHUNK_NOT_AVAILABLE`, ...) reaches the client as it is; any other error as `PEER_UNAVAILABLE`.
   *
   * `memory`, of at least `length` bytes, may be read into, and then what is emitted is a view of it: the seeder's again when the client has taken those bytes.
   * A source that has its bytes in memory of its own leaves it alone.
   */
  read(offset: number, length: number, memory?: Uint8Array): Observable<Uint8Array>;
  /** Tells whether a chunk is there. Absent when all are. */
  readonly has?: ((chunk: number) => boolean) | undefined;
  /** Emits when `has` would answer differently. */
  readonly changes?: Observable<unknown>;
}

/** The files that a seeder serves, by root: a `Map`, or anything that looks up live. */
export interface SourceLookup {
  get(root: string): ByteSource | undefined;
  /** Emits the root of a file when `get` would give another source for it, or none any more. @default no connection sees such a change */
  readonly changed?: Observable<string>;
}
