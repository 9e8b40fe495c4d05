import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { EventEmitter } from "node:events";

type Sent = (error: Error | null) => void;

/** The IPv4 addresses that a socket meets. */
export interface SocketReach {
  readonly hears: (address: string) => boolean;
  readonly sendsTo: (address: string) => boolean;
  /** True when other programs may have the port, too. @default false */
  readonly isShared?: boolean;
}

/**
 * A UDP socket as libraries use one, between them and strangers. What these send is theirs to choose: where a library throws at it, the message counts as
 * lost. Whoever is out of reach is neither heard nor sent to.
 */
export class GuardedSocket extends EventEmitter {
  readonly #socket: Socket;
  readonly #reach: SocketReach;
  #isBound = false;
  #isClosed = false;
  #sending: Error | undefined;

  constructor(reach: SocketReach) {
    super();
    this.#reach = reach;
    this.#socket = createSocket({ type: "udp4", reuseAddr: reach.isShared ?? false });
    this.#socket.on("message", (bytes, from) => this.#hear(bytes, from));
    this.#socket.on("listening", () => {
      this.#isBound = true;
      this.emit("listening");
    });
    this.#socket.on("close", () => this.emit("close"));
    this.#socket.on("error", (error) => this.#failed(error));
  }

  /** Calls back when the port is taken; emits `error` when it cannot be. */
  bind(port: number, address: string, bound?: () => void): void {
    this.#socket.bind(port, address, bound);
  }

  address(): ReturnType<Socket["address"]> {
    return this.#socket.address();
  }

  send(bytes: Uint8Array, offset: number, length: number, port: number, host: string, sent?: Sent): void {
    if (this.#isClosed || !this.#reach.sendsTo(host)) sent?.(null);
    else
      this.#socket.send(bytes, offset, length, port, host, (error) => {
        this.#sending = error ?? undefined;
        sent?.(error);
      });
  }

  /** The error of what was sent last; nothing where that went out. */
  get sending(): Error | undefined {
    return this.#sending;
  }

  close(closed?: () => void): void {
    if (closed !== undefined) this.once("close", closed);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  addMembership(group: string, address?: string): void {
    this.#socket.addMembership(group, address);
  }

  dropMembership(group: string, address?: string): void {
    this.#socket.dropMembership(group, address);
  }

  setMulticastInterface(address: string): void {
    this.#socket.setMulticastInterface(address);
  }

  setMulticastTTL(hops: number): void {
    this.#socket.setMulticastTTL(hops);
  }

  setMulticastLoopback(isOn: boolean): void {
    this.#socket.setMulticastLoopback(isOn);
  }

  /** Failures of a socket that has its port are of single messages, which get lost anyway. */
  #failed(error: Error): void {
    if (!this.#isBound) this.emit("error", error);
  }

  #hear(bytes: Uint8Array, from: RemoteInfo): void {
    if (this.#isClosed || !this.#reach.hears(from.address)) return;
    try {
      this.emit("message", bytes, from);
    } catch {
      // Nonsense of a stranger; a query that is not answered by it is asked again or runs into its time limit.
    }
  }
}
