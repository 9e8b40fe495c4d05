import type { Duplex } from "node:stream";
import { Observable } from "rxjs";
import type { WebSocket } from "ws";
import { DownloadError } from "../../errors/DownloadError.js";
import { closeCodes } from "../../protocol/protocol.js";
import type { RemoteAddress } from "../../protocol/Scope.js";
import type { Connection } from "../../seeder/Connection.js";

/** FIN and opcode 2: a whole binary message in one frame (RFC 6455, section 5.2). */
const wholeBinary = 0x82;

interface ServerConnectionConfig extends Pick<Connection, "address" | "host" | "remote"> {
  readonly highWaterBytes: number;
}

/** A client of `serveWebSocket` as the seeder sees it. */
export class ServerConnection implements Connection {
  readonly address: string;
  readonly host: string | undefined;
  readonly remote: RemoteAddress | undefined;
  readonly frames: Observable<Uint8Array>;
  readonly #socket: WebSocket;
  readonly #raw: Duplex;
  readonly #highWaterBytes: number;
  #gathering = false;

  /** `raw` is the connection below `socket`. */
  constructor(socket: WebSocket, raw: Duplex, { address, host, remote, highWaterBytes }: ServerConnectionConfig) {
    this.address = address;
    this.host = host;
    this.remote = remote;
    this.#raw = raw;
    this.#socket = socket;
    this.#highWaterBytes = highWaterBytes;
    this.frames = new Observable((subscriber) => {
      socket.on("message", (data, isBinary) => {
        if (isBinary && data instanceof Uint8Array) subscriber.next(data);
        else socket.close(closeCodes.protocolError, "a text message");
      });
      socket.on("close", () => subscriber.complete());
    });
  }

  /**
   * Completes at once while little waits to be sent, otherwise when the kernel has taken this message.
   *
   * `ws` takes a message in one piece only, and joining head and payload would copy every byte that is served and cost more
   * than sending it. So the frame is written here; without extensions, and unmasked as servers do, it is a few bytes and the message.
   */
  send(frame: Uint8Array, payload?: Uint8Array, onWritten?: () => void): Observable<never> {
    return new Observable((subscriber) => {
      const done = (error?: Error | null) => {
        if (error == null) subscriber.complete();
        else
          subscriber.error(new DownloadError("CONNECTION_LOST", `${this.address}: ${error.message}`, { cause: error }));
      };
      if (this.#socket.readyState !== this.#socket.OPEN) {
        done(new Error("the connection is closed"));
        return;
      }
      this.#gather();
      this.#raw.write(withFrameHeader(frame, payload?.length ?? 0), payload === undefined ? done : undefined);
      if (payload !== undefined) {
        this.#raw.write(payload, (error) => {
          if (error == null) onWritten?.();
          done(error);
        });
      }
      if (this.#socket.bufferedAmount <= this.#highWaterBytes) subscriber.complete();
    });
  }

  /** Frames sent in one go leave in one system call: data, its `end`, and the next answer's data. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#raw.cork();
    process.nextTick(() => {
      this.#gathering = false;
      this.#raw.uncork();
    });
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

/** The header of a frame that holds `message` and `following` more bytes, with the message. */
function withFrameHeader(message: Uint8Array, following: number): Uint8Array {
  const length = message.length + following;
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const framed = new Uint8Array(headerBytes + message.length);
  const view = new DataView(framed.buffer);
  framed[0] = wholeBinary;
  framed[1] = headerBytes === 2 ? length : headerBytes === 4 ? 126 : 127;
  if (headerBytes === 4) view.setUint16(2, length);
  if (headerBytes === 10) view.setBigUint64(2, BigInt(length));
  framed.set(message, headerBytes);
  return framed;
}
