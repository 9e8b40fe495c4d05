import type { OnReadOpts, Socket } from "node:net";
import { Subscription } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { Receiver } from "../../peers/Peer.js";
import { answerHead } from "./answerHead.js";
import { dialDirect, type DirectDialling } from "./dialDirect.js";
import { type DirectRequest, UnusualAnswer } from "./DirectLane.js";
import { isSpent } from "./isSpent.js";
import { mayRest } from "./mayRest.js";
import { nodeHttpError } from "./nodeHttpError.js";
import { requestHead } from "./requestHead.js";

/** Room for the head of an answer, and what comes with it. */
const headBytes = 64 * 1024;
const endOfHead = "\r\n\r\n";
const beginning = Buffer.from("HTTP/1.1 ");

/** One request on a connection. */
interface Exchange {
  readonly request: DirectRequest;
  readonly receiver: Receiver;
  /** Called in place of the receiver's `fail` when the connection, which rested, was closed meanwhile or is spent. */
  readonly onStale: (() => void) | undefined;
}

export interface DirectConnectionHooks {
  /** Told of bytes of bodies, as they come. */
  readonly count: (bytes: number) => void;
  /** Called when the connection can take another request. */
  readonly onFree: (connection: DirectConnection) => void;
  readonly onClosed: (connection: DirectConnection) => void;
}

/**
 * One connection of the direct lane: requests one after the other. The socket reads into the memory that `#nextBuffer` hands out: room for a head
 * until that is here, then the receiver's own, so that a byte of a body is written once. Only the head goes through a parser; the body is counted.
 *
 * Node (20.20, `onStreamRead`) asks for that memory right after the read before, also where that paused, and not when it reads on
 * (findings/node-onread-pause.sh). So whatever changes what comes next, the end of a head or of a body, has to change it within the callback of a read.
 */
export class DirectConnection {
  readonly #socket: Socket;
  readonly #hooks: DirectConnectionHooks;
  readonly #head = Buffer.allocUnsafeSlow(headBytes);
  #headEnd = 0;
  #exchange: Exchange | undefined;
  #pausing = Subscription.EMPTY;
  /** Bytes of the body that are still to come; `undefined` until the head is here. */
  #missing: number | undefined;
  /** How long it may rest, milliseconds; none where the server wants to close it. */
  #restMs = 0;
  #isPaused = false;
  #isReady = false;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(url: URL, how: DirectDialling, hooks: DirectConnectionHooks) {
    this.#hooks = hooks;
    const onread: OnReadOpts = {
      buffer: () => this.#nextBuffer(),
      callback: (bytes) => {
        this.#read(bytes);
        return true;
      },
    };
    const onReady = (): void => {
      this.#isReady = true;
      this.#follow();
    };
    this.#socket = dialDirect(url, how, onread, onReady);
    this.#socket.setNoDelay(true);
    this.#socket.on("timeout", () => this.drop());
    this.#socket.on("error", (error) => (this.#failure = error));
    this.#socket.on("close", () => this.#closed());
  }

  /**
   * Sends a request; the result gives it up. On a connection that rested, `onStale` is called when the server had closed it meanwhile, or takes no more on it.
   */
  ask(request: DirectRequest, receiver: Receiver, onStale?: () => void): () => void {
    const exchange = { request, receiver, onStale };
    this.#exchange = exchange;
    this.#headEnd = 0;
    this.#missing = undefined;
    this.#socket.setTimeout(0);
    this.#socket.ref();
    this.#socket.write(requestHead(request), "latin1");
    this.#pausing = request.paused.subscribe({
      next: (isPaused) => {
        this.#isPaused = isPaused;
        this.#follow();
      },
      error: (error: unknown) => this.#fail(error),
    });
    return () => {
      if (this.#exchange !== exchange) return;
      if (this.#missing === 0) this.#release();
      else {
        this.#leave();
        this.drop();
      }
    };
  }

  drop(): void {
    this.#socket.destroy();
  }

  /** Drops it in good order, at rest. */
  end(): Socket {
    this.#socket.setTimeout(0);
    return this.#socket.end();
  }

  /** Reads or does not, as is wished. While it is dialled there is nothing to pause, and TLS has to read to begin. */
  #follow(): void {
    if (!this.#isReady) return;
    if (this.#isPaused) this.#socket.pause();
    else this.#socket.resume();
  }

  #nextBuffer(): Buffer {
    const { receiver } = this.#exchange ?? {};
    if (receiver === undefined || this.#missing === undefined) return this.#head.subarray(this.#headEnd);
    const { buffer, byteOffset, byteLength } = receiver.room();
    return Buffer.from(buffer, byteOffset, Math.min(byteLength, this.#missing));
  }

  #read(bytes: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.drop(); // nobody asked
      return;
    }
    if (this.#missing === undefined) {
      this.#readHeads(exchange, bytes);
      return;
    }
    this.#missing -= bytes;
    this.#hooks.count(bytes);
    exchange.receiver.filled(bytes);
    this.#finishIfDone(exchange);
  }

  /** An interim answer may have the next one behind it: one turn each, for a server may send thousands at once. */
  #readHeads(exchange: Exchange, bytes: number): void {
    for (let came = bytes; came > 0;) came = this.#readHead(exchange, came);
  }

  /** How many bytes of the next head came along, where this was that of an interim answer; 0 where there is none to read now. */
  #readHead(exchange: Exchange, bytes: number): number {
    const from = Math.max(0, this.#headEnd - endOfHead.length);
    this.#headEnd += bytes;
    const compared = Math.min(this.#headEnd, beginning.length);
    // A server of another protocol may never come to the end of a head.
    if (this.#head.compare(beginning, 0, compared, 0, compared) !== 0) {
      this.#fail(new UnusualAnswer("no head of HTTP/1.1", true));
      return 0;
    }
    const at = this.#head.subarray(0, this.#headEnd).indexOf(endOfHead, from, "latin1");
    if (at < 0) {
      if (this.#headEnd === headBytes) this.#fail(new UnusualAnswer(`a head of more than ${headBytes} bytes`, true));
      return 0;
    }
    const end = at + endOfHead.length;
    const rest = this.#head.subarray(end, this.#headEnd);
    try {
      const { keepsAlive, ...head } = answerHead(this.#head.subarray(0, end), exchange.request.url);
      if (head.status < 200 && head.status !== 101) {
        this.#head.set(rest, 0);
        this.#headEnd = 0;
        return rest.length;
      }
      if (exchange.onStale !== undefined && isSpent(head)) {
        this.#leave();
        this.drop();
        exchange.onStale();
        return 0;
      }
      this.#missing = exchange.request.accept(head);
      const isClean = rest.length <= this.#missing;
      this.#restMs = keepsAlive && isClean ? mayRest(head) : 0;
    } catch (error) {
      this.#fail(error);
      return 0;
    }
    this.#takeFirst(exchange, rest.subarray(0, this.#missing));
    return 0;
  }

  /** The beginning of the body came with the head. Bytes behind the body were not asked for, wherever packets are cut: their connection serves nobody else. */
  #takeFirst(exchange: Exchange, bytes: Uint8Array): void {
    this.#missing = (this.#missing ?? 0) - bytes.length;
    if (bytes.length > 0) {
      this.#hooks.count(bytes.length);
      exchange.receiver.take(bytes);
    }
    this.#finishIfDone(exchange);
  }

  /** Completes the exchange if its body is here; the connection is free by then, for a next request from within `complete`. */
  #finishIfDone(exchange: Exchange): void {
    // The receiver may have given up the request with its last byte.
    if (this.#missing !== 0 || this.#exchange !== exchange) return;
    this.#release();
    exchange.receiver.complete();
  }

  /** The connection is free, and as good as new. */
  #release(): void {
    this.#leave();
    this.#missing = undefined;
    this.#headEnd = 0;
    if (this.#restMs === 0) {
      this.drop();
      return;
    }
    this.#isPaused = false;
    this.#follow();
    this.#socket.setTimeout(this.#restMs);
    this.#socket.unref();
    this.#hooks.onFree(this);
  }

  /** Releases the exchange, and returns it: no reader waits for it any more. */
  #leave(): Exchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#pausing.unsubscribe();
    return exchange;
  }

  #fail(error: unknown): void {
    const { receiver, request } = this.#leave() ?? {};
    this.drop();
    receiver?.fail(error instanceof UnusualAnswer ? error : toDownloadError(error, request && { peer: request.peer }));
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hooks.onClosed(this);
    const exchange = this.#leave();
    if (exchange === undefined) return;
    const { request, receiver, onStale } = exchange;
    if (onStale !== undefined && this.#missing === undefined) onStale();
    else receiver.fail(this.#why(request.peer));
  }

  #why(peer: string): DownloadError {
    if (this.#failure !== undefined) return nodeHttpError(peer, this.#failure);
    const when = this.#missing === undefined ? "before an answer" : "within its answer (EOF)";
    return new DownloadError("CONNECTION_LOST", `${peer} closed the connection ${when}`, { peer });
  }
}
