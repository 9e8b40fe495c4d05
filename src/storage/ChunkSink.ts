import type { Observable } from "rxjs";

/** Reason of a sink to doubt that it still has what was written to it. */
export interface Doubt {
  /** A whole clause, which names the thing and what is strange about it. */
  readonly why: string;
  /**
   * - `lost`: the place belongs to somebody else now; what is there must not be touched
   * - `bytes`: somebody else wrote, or cut it
   * - `entry`: somebody touched it, and may have written and hidden it; copying, linking and changing rights look the same
   */
  readonly kind: "lost" | "bytes" | "entry";
}

/**
 * Where bytes go. Every method is lazy and does its work once a subscription.
 *
 * Errors are `LOCAL_IO`, which end the download and blame no peer; `open` and `finish` also know `TARGET_EXISTS`. Work that has
 * begun runs to its end even if unsubscribed: nobody hears of it then, but `sync`, `finish` and `close` wait for it.
 *
 * For the one who records progress: `sync` before the record that claims the bytes, never after it. Bytes that were written
 * but not synced may be gone after a power loss, and a record that claims them would be believed.
 */
export interface ChunkSink {
  /**
   * True when nobody but its run can reach the bytes, and none of them outlives the program: then they are as they were written, and need no sums
   * by which a later run could tell. @default false
   */
  readonly isPrivate?: boolean;
  /**
   * Takes the sink into use for a file of `size` bytes; `Infinity` where nobody knows how many: then the file ends where the last
   * write did. One emission: the bytes present at the start and the stamp they have,
   * or `{ size: 0 }` for a new file. A sink is in use once at a time; it may be opened again after `close` or `finish`. An `open`
   * that fails changes nothing for the one who has the sink.
   */
  open(size: number): Observable<{ readonly size: number; readonly stamp?: string }>;
  /**
   * Writes at `offset` bytes from the start of the file; completes when the bytes are handed to the system. The bytes must
   * not change until then, nor after unsubscribing. When a write fails that nobody listens to any more, the next `sync` does.
   */
  write(offset: number, bytes: Uint8Array): Observable<never>;
  /**
   * The write of a sink that best sums bytes where it writes them: emits their CRC-32 before it completes, and otherwise behaves as `write`. @default
   * the caller sums
   */
  writeSummed?(offset: number, bytes: Uint8Array): Observable<number>;
  /** Memory, bytes, from which this sink, once it is open, writes best; it may be shared among threads. A sink without it writes from any. */
  memory?(bytes: number): Uint8Array;
  /** One emission: `length` bytes from `offset`, or fewer where the bytes written so far end. */
  read(offset: number, length: number): Observable<Uint8Array>;
  /**
   * Completes when everything whose write was subscribed before would survive a power loss; emits the stamp of the stored
   * bytes, which differs after anybody else touched them.
   */
  sync(): Observable<string>;
  /**
   * The file is whole: syncs, cuts it to its size and gives it its name. Then the sink is no longer in use. Whether the
   * bytes are the right ones is the caller's to know; with a doubt that nobody has asked for yet it fails.
   */
  finish(): Observable<never>;
  /**
   * Tells, once, what makes doubtful since `open`, or since it was asked last, that the bytes are those that were written; `undefined`
   * when nothing does. The caller who was told looks at the bytes, or claims nothing of them. A sink without it is believed.
   */
  doubt?(): Observable<Doubt | undefined>;
  /** Lets go of the file, after what is running has ended. Keeps its bytes for the next `open`. May be called again. */
  close(): Observable<never>;
}
