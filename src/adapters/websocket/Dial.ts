import type { Observable } from "rxjs";
import type { Holding } from "./Exchange.js";
import type { RemoteAddress } from "../../protocol/Scope.js";

export interface DialTarget {
  readonly url: string;
  /** Name of the peer in errors. */
  readonly peer: string;
  /** Bearer token for this host. */
  readonly token: string | undefined;
  /**
   * True when the socket may lead to the public network only, wherever the platform leaves that to us: not to this machine and its private networks.
   * @default false
   */
  readonly publicOnly?: boolean;
  /** Larger messages end the connection where the platform can do that; the caller checks too. */
  readonly maxFrameBytes: number;
  /** Where a Retry-After is clamped, milliseconds. */
  readonly maxRetryAfterMs: number;
}

/** An open socket. */
export interface Wire {
  /**
   * Frames of the other end, a message each. Errors with `DownloadError` when the socket is gone, for whatever reason;
   * never completes. Subscribe once, before the next task, or messages are lost.
   */
  readonly frames: Observable<Uint8Array>;
  /** The address of the other end; absent where the platform does not tell. */
  readonly remote?: RemoteAddress | undefined;
  /** The IP address of this end; absent where the platform does not tell. */
  readonly local?: string | undefined;
  /** Bytes that came of a message that is not whole yet, as far as the platform tells. */
  readonly unfinishedBytes: number;
  /** True when nothing could be dialled in its place now: it is kept, however long nothing is asked by it. @default false */
  readonly isLast?: boolean;
  send(frame: Uint8Array): void;
  /** Keeps what comes while reading is paused, where nothing holds the sender back. @default it is heard all the same */
  readonly held?: Holding;
  /** Stops reading, so that the sender is slowed down by its own socket. Does nothing where the platform cannot. */
  pause(): void;
  resume(): void;
  /** Says goodbye and drops the socket, at once. */
  close(code: number, reason: string): void;
}

/**
 * Opens a socket that speaks `tributary.v1`: emits it once and errors with `DownloadError` when that fails. Goes on until
 * it is unsubscribed, which drops the socket at once, in every state.
 */
export type Dial = (target: DialTarget) => Observable<Wire>;
