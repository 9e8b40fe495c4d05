import type { Observable } from "rxjs";
import type { PeerOrigin } from "./NamedAddress.js";

/** Bytes of one chunk: `offset` counts from the start of the chunk. */
export interface ByteRange {
  /** 0-based index of the chunk. */
  readonly chunk: number;
  /** First byte wanted, from the start of the chunk. */
  readonly offset: number;
  /** Bytes wanted. */
  readonly length: number;
  /** Where `offset` lies in the file, for peers that know no chunks. */
  readonly position: number;
}

/** Where the bytes of one request go. Called in the order of the bytes; what is called after its end, or after the request was given up, has no effect. */
export interface Receiver {
  /**
   * Room for the bytes that come next, at least one and no more than are wanted, to be filled once, before the next call of any method:
   * bytes put there count when `filled` says so. The memory may be shared among threads, which some functions of platforms refuse.
   */
  room(): Uint8Array;
  /** Notes that so many bytes were put at the beginning of the room. */
  filled(bytes: number): void;
  /**
   * Bytes right behind the range that are missing, too, and that nobody was asked for: the next ones to be wanted, which a peer may ask for in the same
   * request. Asking for more would bring what others bring, or what is here. @default 0
   */
  following?(): number;
  /** Bytes came, in memory of the peer's own; they are copied before this returns. Empty ones show that the peer lives. */
  take(bytes: Uint8Array): void;
  /** Ends the request: all bytes came. */
  complete(): void;
  /** The request ended before; with a `DownloadError`. */
  fail(error: unknown): void;
}

/** A server of byte ranges, whatever it is: a seeder, a mirror, or one of your own. */
export interface Peer {
  /** Names the peer in events, records and errors; unique within a download. */
  readonly id: string;
  /** How its address came to be known. @default "link" */
  readonly source?: PeerOrigin;
  /**
   * True when the peer can start in the middle. One that cannot is asked only when nobody else is well, for one range at a time. A request may be the
   * first to show that, and ends with `CHUNK_NOT_AVAILABLE` then.
   */
  readonly ranges: boolean;
  /**
   * The bytes asked for, in order, in pieces of any size; completes after the last one. Cold: each subscription is one
   * request, and unsubscribing cancels it. Errors with `DownloadError`; requests that die of one event (a dropped
   * socket) error with the same instance, so that it counts once.
   */
  request(range: ByteRange): Observable<Uint8Array>;
  /**
   * The request of a peer that can read into memory that it is given: called in place of `request` where it is there. Errors are those of `request`,
   * by the receiver's `fail`; the result cancels the request, and may be called after its end; nothing is put into the receiver's room after that.
   */
  read?(range: ByteRange, receiver: Receiver): () => void;
  /** Bytes that come though nobody wants them, before a range or after its request was cancelled, as they come; for the account. */
  readonly passedOver?: Observable<number>;
  /**
   * True when each request has a connection of its own. Then what one of them brings may be the most of a connection and not of the peer, and more
   * are made at a time. @default false
   */
  readonly connectsEach?: boolean;
  /** Requests that may be in flight at once before one of them has shown that the peer can be trusted with more; so many chunks one lie can cost. @default 1 */
  readonly bears?: number;
  /**
   * True when the peer is to be asked for one range at a time now, each where the last one ended: a cache that fills has the file no sooner than it
   * comes there. @default false
   */
  readonly isFilling?: boolean;
  /**
   * True when the peer is to be asked for one range at a time now, each where the last one ended: one answer of it brings as much as this program takes.
   * @default false
   */
  readonly isAmple?: boolean;
  /** True while the peer lacks chunks, and may get them: it is waited for when nobody has a chunk. @default false */
  readonly isPartial?: boolean;
  /**
   * How many chunks a partial peer says that it has. More than ever before are news, by which it is waited for longer; a connection that is made anew is
   * none. @default each change is news
   */
  readonly held?: number | undefined;
  /** Emits when something of it has changed that whoever chooses has to know: `ranges`, `isFilling`, `isAmple`, `has`, `isAsked`. @default never */
  readonly changes?: Observable<void>;
  /** True when the peer has the chunk. @default every chunk */
  has?(chunk: number): boolean;
  /** True when others are getting the chunk from the peer, or got it of late, and pass it on. @default of none */
  isAsked?(chunk: number): boolean;
  /**
   * Connections that stand may be dead: requests stall on them, or the machine slept or lost its network. Requests that are made from
   * now on use new ones; those under way are cancelled by whoever made them.
   */
  renew?(): void;
}

/** The peers known now; emits the whole list again when it changes. A frozen list is `of([...])`. */
export type PeerSource = Observable<readonly Peer[]>;
