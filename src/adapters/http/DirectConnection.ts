import { connect, type OnReadOpts, type Socket, type TcpNetConnectOpts } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { Subscription } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { Receiver } from "../../peers/Peer.js";
import { answerHead } from "./answerHead.js";
import type { Tls } from "./connections.js";
import { type DirectRequest, UnusualAnswer } from "./DirectLane.js";
import { nodeHttpError } from "./nodeHttpError.js";
import { userAgent } from "./userAgent.js";

/** Room for the head of an answer, and what comes with it. */
const headBytes = 64 * 1024;
const endOfHead = "\r\n\r\n";
const dialMs = 10_000;

/** One request on a connection. */
interface Exchange {
  readonly request: DirectRequest;
  readonly receiver: Receiver;
  /** Called in place of the receiver's `fail` when the connection, which rested, turns out to have been closed meanwhile. */
  readonly onStale: (() => void) | undefined;
}

export interface DirectConnectionHooks {
  /** Called when the connection can take another request. */
  readonly onFree: (connection: DirectConnection) => void;
  readonly onClosed: (connection: DirectConnection) => void;
}

/**
 * One connection of the direct lane: requests one after the other. The socket reads into the memory that `#nextBuffer` hands out before each read: room for a head
 * until that is here, then the receiver's own, so that a byte of a body is written once. Only the head goes through a parser; the body is counted.
 */
export class DirectConnection {
  readonly #socket: Socket;
  readonly #hooks: DirectConnectionHooks;
  readonly #head = Buffer.allocUnsafeSlow(headBytes);
  #headEnd = 0;
  #exchange: Exchange | undefined;
  #hold = Subscription.EMPTY;
  /** Bytes of the body that are still to come; `undefined` until the head is here. */
  #missing: number | undefined;
  #keepsAlive = true;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(url: URL, tls: Tls, hooks: DirectConnectionHooks) {
    this.#hooks = hooks;
    const onread: OnReadOpts = {
      buffer: () => this.#nextBuffer(),
      callback: (bytes) => {
        this.#read(bytes);
        return true;
      },
    };
    this.#socket = dial(url, tls, onread);
    this.#socket.setNoDelay(true);
    const ready = url.protocol === "https:" ? "secureConnect" : "connect";
    const late = setTimeout(() => this.#socket.destroy(tooLate()), dialMs);
    this.#socket.once(ready, () => clearTimeout(late));
    this.#socket.on("error", (error) => (this.#failure = error));
    this.#socket.on("close", () => {
      clearTimeout(late);
      this.#closed();
    });
  }

  /** Sends a request; the result gives it up. On a connection that rested, `onStale` is called when the server had closed it meanwhile. */
  ask(request: DirectRequest, receiver: Receiver, onStale?: () => void): () => void {
    const exchange = { request, receiver, onStale };
    this.#exchange = exchange;
    this.#headEnd = 0;
    this.#missing = undefined;
    this.#socket.ref();
    this.#socket.write(requestHead(request), "latin1");
    this.#hold = request.hold.subscribe({
      next: (isHeld) => (isHeld ? this.#socket.pause() : this.#socket.resume()),
      error: (error: unknown) => this.#fail(error),
    });
    return () => {
      if (this.#exchange !== exchange) return;
      this.#exchange = undefined;
      this.#hold.unsubscribe();
      this.drop();
    };
  }

  drop(): void {
    this.#socket.destroy();
  }

  #nextBuffer(): Buffer {
    const { receiver } = this.#exchange ?? {};
    if (receiver === undefined || this.#missing === undefined) return this.#head.subarray(this.#headEnd);
    const { buffer, byteOffset, byteLength } = receiver.room();
    return Buffer.from(buffer, byteOffset, Math.min(byteLength, this.#missing));
  }

  #read(bytes: number): void {
    const { receiver } = this.#exchange ?? {};
    if (receiver === undefined) {
      this.drop(); // nobody asked
      return;
    }
    if (this.#missing === undefined) {
      this.#readHead(bytes);
      return;
    }
    this.#missing -= bytes;
    receiver.filled(bytes);
    if (this.#missing === 0) this.#finish();
  }

  #readHead(bytes: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    const from = Math.max(0, this.#headEnd - endOfHead.length);
    this.#headEnd += bytes;
    const at = this.#head.subarray(0, this.#headEnd).indexOf(endOfHead, from, "latin1");
    if (at < 0) {
      if (this.#headEnd === headBytes) this.#fail(new UnusualAnswer(`a head of more than ${headBytes} bytes`));
      return;
    }
    const rest = this.#head.subarray(at + endOfHead.length, this.#headEnd);
    try {
      const { keepsAlive, ...head } = answerHead(this.#head.subarray(0, at + endOfHead.length), exchange.request.url);
      this.#keepsAlive = keepsAlive;
      this.#missing = exchange.request.accept(head) - rest.length;
      if (this.#missing < 0) throw new UnusualAnswer("more bytes than it told");
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (rest.length > 0) exchange.receiver.take(rest);
    if (this.#missing === 0 && this.#exchange === exchange) this.#finish();
  }

  /** The body is here. What follows on it may be the next request on this connection. */
  #finish(): void {
    const { receiver } = this.#exchange ?? {};
    this.#exchange = undefined;
    this.#missing = undefined;
    this.#headEnd = 0;
    this.#hold.unsubscribe();
    if (this.#keepsAlive) {
      this.#socket.resume();
      this.#socket.unref();
      this.#hooks.onFree(this);
    } else this.drop();
    receiver?.complete();
  }

  #fail(error: unknown): void {
    const { receiver, request } = this.#exchange ?? {};
    this.#exchange = undefined;
    this.#hold.unsubscribe();
    this.drop();
    receiver?.fail(error instanceof UnusualAnswer ? error : toDownloadError(error, request && { peer: request.peer }));
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hooks.onClosed(this);
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    const { request, receiver, onStale } = exchange;
    this.#exchange = undefined;
    this.#hold.unsubscribe();
    if (onStale !== undefined && this.#headEnd === 0 && this.#missing === undefined) onStale();
    else receiver.fail(this.#why(request.peer));
  }

  #why(peer: string): DownloadError {
    if (this.#failure !== undefined) return nodeHttpError(peer, this.#failure);
    const when = this.#missing === undefined ? "before an answer" : "within its answer (EOF)";
    return new DownloadError("CONNECTION_LOST", `${peer} closed the connection ${when}`, { peer });
  }
}

function dial({ protocol, hostname, port }: URL, tls: Tls, onread: OnReadOpts): Socket {
  const host = hostname.replace(/^\[|\]$/g, "");
  // Node gives an address 250 ms before it tries the host's next one: too little for far-away hosts.
  const common = { host, onread, autoSelectFamilyAttemptTimeout: 2000 };
  if (protocol !== "https:") return connect({ ...common, port: Number(port || 80) } satisfies TcpNetConnectOpts);
  const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  const secured = { ...common, ...tls, ...named, port: Number(port || 443), ALPNProtocols: ["http/1.1"] };
  return connectTls(secured satisfies ConnectionOptions & { onread: OnReadOpts });
}

function requestHead({ url, headers, credentials }: DirectRequest): string {
  const { pathname, search, host } = new URL(url);
  const all = { host, "user-agent": userAgent, ...headers, ...credentials, connection: "keep-alive" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${pathname}${search} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

function tooLate(): Error {
  return Object.assign(new Error(`no connection within ${dialMs / 1000} s`), { code: "ETIMEDOUT" });
}
