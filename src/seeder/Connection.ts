import type { Observable } from "rxjs";
import type { RemoteAddress } from "../protocol/Scope.js";

/** One client, over whatever transport carries whole messages in order. */
export interface Connection {
  /** Names the client in events. */
  readonly address: string;
  /**
   * Machine of the client, for whoever counts connections or shares the line among machines. Nothing that a machine can have any number of.
   * @default the address without its port
   */
  readonly host?: string | undefined;
  /** The IP address of the client; absent where the transport knows none. */
  readonly remote?: RemoteAddress | undefined;
  /** True when the client could not come again now: it is kept, however long it asks for nothing. @default false */
  readonly isLast?: boolean;
  /** Frames of the client, a message each; completes when the client is gone. Subscribed once. */
  readonly frames: Observable<Uint8Array>;
  /**
   * Sends one message at subscription, made of `frame` and then `payload`, which are not to be changed; completes when the
   * transport has room for another; errors when it is broken. `onWritten` is called when the payload is written and may change from then on; never when
   * it was not.
   */
  send(frame: Uint8Array, payload?: Uint8Array, onWritten?: () => void): Observable<never>;
  /** Ends the connection; what was sent before still goes out where the transport can do that. */
  close(code: number, reason: string): void;
}

/** The host of a client. */
export function hostOf({ address, host = address.replace(/:\d+$/, "") }: Pick<Connection, "address" | "host">): string {
  return host;
}
