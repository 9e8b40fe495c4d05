import { Observable } from "rxjs";
import type { WebSocket } from "ws";
import { DownloadError } from "../../errors/DownloadError.js";
import { closeCodes } from "../../protocol/protocol.js";
import type { Connection } from "../../seeder/Connection.js";

const send = { binary: true };

/** A client of `serveWebSocket` as the seeder sees it. */
export class ServerConnection implements Connection {
  readonly address: string;
  readonly frames: Observable<Uint8Array>;
  readonly #socket: WebSocket;
  readonly #highWaterBytes: number;

  constructor(socket: WebSocket, address: string, highWaterBytes: number) {
    this.address = address;
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

  /** Completes at once while little waits to be sent, otherwise when the kernel has taken this frame. */
  send(frame: Uint8Array): Observable<never> {
    return new Observable((subscriber) => {
      this.#socket.send(frame, send, (error) => {
        if (error == null) subscriber.complete();
        else
          subscriber.error(new DownloadError("CONNECTION_LOST", `${this.address}: ${error.message}`, { cause: error }));
      });
      if (this.#socket.bufferedAmount <= this.#highWaterBytes) subscriber.complete();
    });
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
