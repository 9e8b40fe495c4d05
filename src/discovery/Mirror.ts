import type { Observable } from "rxjs";
import type { Announced } from "../protocol/Announced.js";
import type { ByteRange, Peer, Receiver } from "../peers/Peer.js";
import type { ForwardStream } from "../transfer/ForwardStream.js";
import type { MirrorFacts } from "../protocol/MirrorFacts.js";

/** The answer of a mirror to the question what its file is like. */
export interface MirrorAnswer extends MirrorFacts {
  /** True when the mirror can start in the middle. */
  readonly ranges: boolean;
  /** The media type of the file, in small letters, without parameters. */
  readonly type?: string;
  /** The codings that its file has as it is stored, as the mirror says: `gzip`, for most. */
  readonly coding?: string;
  /** Where its file is, if redirects led there: origin and path. */
  readonly place?: string;
  /** Where the answer ends that told this, bytes from the start of the file; absent when it brings all, or brings nothing. */
  readonly end?: number;
  /** The name that the mirror gives the file: unchecked, and no more than a suggestion. */
  readonly name?: string;
  /** Digests and other addresses that it tells of beside. */
  readonly announced?: Announced;
}

/** A file on one mirror. Every answer is held to what is known of the file, before a byte of it is used. */
export interface Mirror extends Peer {
  /** True when a request costs so much here that what is fast enough is better read along one answer. @default false */
  readonly hasDearRequests?: boolean;
  /** Count of the answers from which bytes were read so far. */
  readonly answersRead: number;
  /** True when all that answered for it are of this machine or of a private network. @default unknown */
  readonly isPrivate?: boolean | undefined;
  /**
   * Asks for the beginning of the file: emits what the answer tells of it, then its bytes. While `paused` last said `true`, none of these is
   * read. Errors with any code that a peer can cause; unsubscribing drops the connection.
   */
  begin(paused: Observable<boolean>): Observable<MirrorAnswer | Uint8Array>;
  /** Emits once what the mirror tells of its file, by a question of two bytes; errors as `begin` does. */
  probe(): Observable<MirrorAnswer>;
  /** Tells what later answers have to agree with; facts that are left out stay as they were. */
  expect(facts: MirrorFacts & Pick<MirrorAnswer, "place">): void;
  /**
   * The whole file, from its first byte, by a request that asks for no range. While `paused` last said `true`, nothing is read, and a piece is good until the
   * next one comes.
   */
  whole(paused?: Observable<boolean>): Observable<Uint8Array>;
  /** Bytes of a range, as of any peer; while `paused` last said `true`, nothing is read, and a piece is good until the next one comes. */
  request(range: ByteRange, paused?: Observable<boolean>): Observable<Uint8Array>;
  read(range: ByteRange, receiver: Receiver): () => void;
}

/** A mirror that has answered, and what it said of its file. */
export interface AnsweredMirror {
  readonly mirror: Mirror;
  readonly said: MirrorAnswer;
  /** When it was asked, and when it answered, ms. */
  readonly askedAt?: number;
  readonly answeredAt?: number;
  /** The answer itself, which is open and waits to be read, where the beginning of the file was asked for. */
  readonly stream?: ForwardStream;
}
