import type { Observable } from "rxjs";

/** Where bytes go. Every method is lazy, does its work once per subscription and errors with `LOCAL_IO`. */
export interface ChunkSink {
  /**
   * Writes at `offset` bytes from the start of the file; completes when the bytes are handed to the system. A write
   * that has begun runs to its end even if unsubscribed, and `sync` waits for it.
   */
  write(offset: number, bytes: Uint8Array): Observable<never>;
  /** One emission: `length` bytes from `offset`, or fewer where the file ends. */
  read(offset: number, length: number): Observable<Uint8Array>;
  /**
   * Completes when everything written so far would survive a power loss; emits the stamp of the stored bytes, which
   * differs after anybody else touched them.
   */
  sync(): Observable<string>;
  /** One emission: bytes present at the start and the stamp they have, or `{ size: 0 }` for a new file. Takes the sink into use. */
  open(size: number): Observable<{ readonly size: number; readonly stamp?: string }>;
  /** The file is whole: syncs, cuts it to its size and gives it its name. */
  finish(): Observable<never>;
  /** Lets go of files and locks, after writes in flight have ended. May be called again. */
  close(): Observable<never>;
}
