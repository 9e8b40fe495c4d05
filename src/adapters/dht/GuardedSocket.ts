import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { EventEmitter } from "node:events";
import { isPrivateAddress } from "../network/isPrivate.js";

type Sent = (error: Error | null) => void;

/**
 * A UDP socket as the library of the table uses one, between it and strangers. What they send is theirs to choose, and where the library throws at it, the
 * message counts as lost. `publicOnly`: nothing is sent to an address of this machine or a private network, and nothing is heard from there, because a
 * public table can name any address.
 */
export class GuardedSocket extends EventEmitter {
  readonly #socket: Socket;
  readonly #publicOnly: boolean;
  #isClosed = false;

  constructor(publicOnly: boolean) {
    super();
    this.#publicOnly = publicOnly;
    this.#socket = createSocket("udp4");
    this.#socket.on("message", (bytes, from) => this.#hear(bytes, from));
    this.#socket.on("close", () => this.emit("close"));
    this.#socket.on("error", (error) => this.emit("error", error));
  }

  /** Resolves when the port is taken; rejects with what the system says. */
  bind(port: number, address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.once("error", reject);
      this.#socket.bind(port, address, () => {
        this.off("error", reject);
        resolve();
      });
    });
  }

  address(): ReturnType<Socket["address"]> {
    return this.#socket.address();
  }

  send(bytes: Uint8Array, offset: number, length: number, port: number, host: string, sent?: Sent): void {
    if (this.#isClosed || !this.#mayMeet(host)) return;
    this.#socket.send(bytes, offset, length, port, host, sent);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  #hear(bytes: Uint8Array, from: RemoteInfo): void {
    if (this.#isClosed || !this.#mayMeet(from.address)) return;
    try {
      this.emit("message", bytes, from);
    } catch {
      // Nonsense of a stranger; a query that is not answered by it is asked again or runs into its time limit.
    }
  }

  #mayMeet(address: string): boolean {
    return !this.#publicOnly || !isPrivateAddress(address);
  }
}
