import { type Observable, Subject, Subscription } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { decodeServerMessage, encodeMessage } from "../../protocol/codec.js";
import { hasFeature } from "../../protocol/features.js";
import { MessageRate } from "../../protocol/MessageRate.js";
import type { Feature } from "../../protocol/features.js";
import type { Asked, Have, Hello, PeerErrorMessage, Peers, ServerMessage } from "../../protocol/messages.js";
import type { PeerExchange } from "../../protocol/PeerExchange.js";
import { fromErrorMessage } from "../../protocol/peerErrors.js";
import { reasonOf } from "../../protocol/reasonOf.js";
import { closeCodes, protocolVersion } from "../../protocol/protocol.js";
import type { Wire } from "./Dial.js";
import { doorWords } from "./doorWords.js";
import type { Coming, Exchange, Holding, Reply } from "./Exchange.js";
import { FrameSize } from "./FrameSize.js";
import { findToken } from "../../protocol/findToken.js";
import type { PeerLink } from "../../protocol/PeerLink.js";
import type { ResolvedPeerOptions } from "./PeerOptions.js";

export interface PeerConnectionHooks {
  readonly onHave: (have: Have) => void;
  readonly onAsked: (asked: Asked) => void;
  /** Called with bytes that came and belong to no request any more. */
  readonly onPassedOver: (bytes: number) => void;
  /** Called when the other end turns out to be our own server. */
  readonly onOwn: () => void;
  /** Called once, before the requests hear of it, so that a request made in answer dials anew. */
  readonly onClosed: () => void;
}

/**
 * One life of the connection to a peer, from dialling to the end, which comes once and is the same `DownloadError` for all its
 * requests. Requests that are made while it is dialled wait for the peer's hello.
 *
 * Frames take the short way from here to the request: no stream per frame, no timer, no copy.
 */
export class PeerConnection {
  readonly #link: PeerLink;
  readonly #options: ResolvedPeerOptions;
  readonly #hooks: PeerConnectionHooks;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #rate: MessageRate;
  readonly #frameSize = new FrameSize();
  readonly #owned = new Subscription();
  readonly #greeted = new Subject<never>();
  /** Completes with the server's hello; errors when there is none. */
  readonly greeted: Observable<never> = this.#greeted.asObservable();
  #wire: Wire | undefined;
  /** Words of the server on itself, once it has greeted. */
  #server: Hello | undefined;
  #closed = false;
  #retired = false;
  #lastId = 0;
  /** Keeps what comes, while reading is paused that nothing holds back. */
  #holding: Holding | undefined;
  /** Bytes that answers to cancelled requests may still bring. */
  #late = 0;
  #idle: Subscription | undefined;

  constructor(link: PeerLink, options: ResolvedPeerOptions, hooks: PeerConnectionHooks) {
    this.#link = link;
    this.#options = options;
    this.#hooks = hooks;
    this.#rate = new MessageRate(options.maxMessagesPerSecond, options.scheduler);
  }

  open(): void {
    const { dial, publicOnly, tokens, scheduler, dialTimeoutMs, maxFrameBytes, maxRetryAfterMs } = this.#options;
    const { url, id: peer } = this.#link;
    this.#owned.add(
      scheduler.schedule(() => {
        if (this.#server === undefined) this.#fail(this.#error("TIMEOUT", `no connection within ${dialTimeoutMs} ms`));
      }, dialTimeoutMs),
    );
    const target = { url, peer, token: findToken(tokens, this.#link), publicOnly, maxFrameBytes, maxRetryAfterMs };
    this.#owned.add(
      dial(target).subscribe({
        next: (wire) => this.#opened(wire),
        error: (error: unknown) => this.#fail(this.#asDownloadError(error)),
      }),
    );
  }

  /** Starts a request; the returned function gives it up. */
  start(exchange: Exchange): () => void {
    this.#idle?.unsubscribe();
    const id = (this.#lastId += 1);
    this.#exchanges.set(id, exchange);
    if (this.#server !== undefined) this.#ask(id, exchange);
    return () => this.#cancel(id);
  }

  /** Gets no more requests: it closes as soon as none is left. */
  retire(): void {
    this.#retired = true;
    this.#idleFrom();
  }

  /** Drops the socket at once; requests that are still there end with `CONNECTION_LOST`. */
  close(reason: string): void {
    this.#fail(this.#error("CONNECTION_LOST", reason), closeCodes.normal);
  }

  #opened(wire: Wire): void {
    this.#wire = wire;
    const { exchange, shares } = this.#options;
    const features: Feature[] = [...(exchange ? ["peers" as const] : []), ...(shares ? ["asked" as const] : [])];
    wire.send(
      encodeMessage({
        type: "hello",
        version: protocolVersion,
        limits: { frameBytes: this.#options.maxFrameBytes, requests: 0 },
        ...(features.length > 0 && { features }),
      }),
    );
    this.#owned.add(
      wire.frames.subscribe({
        next: (frame) => this.#receive(frame),
        error: (error: unknown) => {
          this.#pause(false);
          this.#fail(this.#asDownloadError(error));
        },
      }),
    );
  }

  #receive(frame: Uint8Array): void {
    if (this.#closed) return;
    const { maxFrameBytes, maxMessagesPerSecond } = this.#options;
    if (frame.length > maxFrameBytes) {
      const sizes = `it sent a message of ${frame.length} bytes, expected at most ${maxFrameBytes}`;
      this.#fail(this.#error("PROTOCOL_ERROR", sizes), closeCodes.tooBig);
      return;
    }
    if (this.#rate.exceeded()) {
      const flood = `it sent more than ${maxMessagesPerSecond} messages a second`;
      this.#fail(this.#error("PROTOCOL_ERROR", flood), closeCodes.policy);
      return;
    }
    let message: ServerMessage;
    try {
      message = decodeServerMessage(frame);
    } catch (cause) {
      const text = `it sent something that is ${reasonOf(cause)}`;
      this.#fail(this.#error("PROTOCOL_ERROR", text, cause), closeCodes.malformed);
      return;
    }
    this.#handle(message);
  }

  #handle(message: ServerMessage): void {
    if (message.type === "error") {
      if (message.id === undefined) this.#fail(this.#errorIn(message), closeCodes.normal);
      else this.#come(message);
    } else if (message.type === "hello") {
      this.#greet(message);
    } else if (this.#server === undefined) {
      this.#violation(`${message.type} before hello`);
    } else if (message.type === "have" || message.type === "asked" || message.type === "peers") {
      if (message.root === this.#link.root) this.#learn(message);
      else this.#violation(`${message.type} of ${message.root}, which was not asked for`);
    } else {
      this.#come(message);
    }
  }

  /** News are heard at once, whatever is paused: they may be many, and nobody asked for them. */
  #come(coming: Coming): void {
    if (coming.type === "data") this.#frameSize.came(coming.bytes.length, this.#options.scheduler.now());
    if (this.#holding === undefined) this.#pass(coming);
    else if (!this.#holding.keep(coming, this.#due))
      this.#violation("more than was asked for while reading was paused");
  }

  /** Bytes that answers may still bring. */
  get #due(): number {
    return [...this.#exchanges.values()].reduce((sum, { missing }) => sum + missing, this.#late);
  }

  #pause(isPaused: boolean): void {
    if (isPaused) this.#wire?.pause();
    else this.#wire?.resume();
    const held = this.#wire?.held;
    this.#holding = isPaused ? held : undefined;
    // One of them may pause the reading again.
    held?.passOn(
      (coming) => this.#pass(coming),
      () => this.#holding === undefined && !this.#closed,
    );
  }

  #learn(message: Have | Asked | Peers): void {
    const { exchange, shares } = this.#options;
    if (message.type === "have") this.#hooks.onHave(message);
    else if (message.type === "asked" && shares) this.#hooks.onAsked(message);
    else if (message.type === "peers" && exchange !== undefined)
      exchange.hear({ teller: this.#link.id, remote: this.#wire?.remote, places: message.places });
    else this.#violation(`${message.type}, which was not asked for`);
  }

  /** Tells the server where the same file is served here. */
  #tellDoor({ door }: PeerExchange, server: Hello): void {
    const wire = this.#wire;
    if (wire === undefined || !hasFeature(server, "peers")) return;
    const words = doorWords(door, this.#link.root, wire);
    this.#owned.add(words.subscribe((serving) => wire.send(encodeMessage(serving))));
  }

  #greet(hello: Hello): void {
    const { version } = hello;
    if (this.#server !== undefined || version !== protocolVersion) {
      this.#violation(
        this.#server !== undefined ? "a second hello" : `hello of version ${version}, expected ${protocolVersion}`,
      );
      return;
    }
    if (hello.nonce !== undefined && this.#options.isOwn(hello.nonce)) {
      this.#hooks.onOwn();
      this.#fail(this.#error("PEER_REJECTED", "it is this download itself"));
      return;
    }
    this.#server = hello;
    const { exchange } = this.#options;
    if (exchange !== undefined) this.#tellDoor(exchange, hello);
    for (const [id, exchange] of this.#exchanges) this.#ask(id, exchange);
    // Only now: held back, the hello would not come either.
    this.#owned.add(
      this.#options.paused.subscribe({
        next: (isPaused) => this.#pause(isPaused),
        error: (error: unknown) => this.#fail(this.#asDownloadError(error)),
      }),
    );
    this.#idleFrom();
    // Last: whoever waited for it may ask at once, and is not to be among those that were asked above.
    this.#greeted.complete();
  }

  #pass(reply: Coming): void {
    if (reply.type === "error") {
      if (reply.id !== undefined) this.#finish(reply.id, this.#errorIn(reply));
      return;
    }
    const exchange = this.#exchanges.get(reply.id);
    if (exchange === undefined) {
      this.#passLate(reply);
      return;
    }
    try {
      if (exchange.take(reply)) this.#finish(reply.id);
    } catch (error) {
      this.#passOver(reply);
      this.#cancel(reply.id);
      exchange.fail(this.#asDownloadError(error));
    }
  }

  /** Answers that were under way when their request was given up are dropped, as long as they are no more than that. */
  #passLate(reply: Reply): void {
    if (reply.id > this.#lastId) {
      this.#violation(`an answer to request ${reply.id}, which was never made`);
      return;
    }
    if (reply.type === "data") this.#late -= reply.bytes.length;
    if (this.#late < 0) this.#violation("more bytes than were asked for");
    else this.#passOver(reply);
  }

  #passOver(reply: Reply): void {
    if (reply.type === "data") this.#hooks.onPassedOver(reply.bytes.length);
  }

  #finish(id: number, error?: DownloadError): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    if (error === undefined) exchange.complete();
    else exchange.fail(error);
    this.#idleFrom();
  }

  #cancel(id: number): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    if (this.#server === undefined) {
      if (this.#retired) this.#idleFrom();
      return;
    }
    this.#late += exchange.missing;
    this.#frameSize.gaveUp(this.#options.scheduler.now());
    this.#wire?.send(encodeMessage({ type: "cancel", id }));
    this.#idleFrom();
  }

  #ask(id: number, exchange: Exchange): void {
    this.#wire?.send(encodeMessage(exchange.question(id, this.#frameSize.asked(this.#options.scheduler.now()))));
  }

  #idleFrom(): void {
    if (this.#exchanges.size > 0 || this.#closed) return;
    const { scheduler, idleMs } = this.#options;
    this.#frameSize.rest();
    this.#idle?.unsubscribe();
    if (this.#retired) {
      this.close("replaced by a new connection");
      return;
    }
    this.#idle = scheduler.schedule(() => {
      if (this.#wire?.isLast === true) this.#idleFrom();
      else this.close(`no request for ${idleMs} ms`);
    }, idleMs);
  }

  #violation(what: string): void {
    this.#fail(this.#error("PROTOCOL_ERROR", `it sent ${what}`), closeCodes.protocolError);
  }

  #fail(error: DownloadError, code: number = closeCodes.normal): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#greeted.error(error);
    this.#hooks.onClosed();
    this.#idle?.unsubscribe();
    const cut = (this.#wire?.unfinishedBytes ?? 0) + (this.#wire?.held?.drop() ?? 0);
    if (cut > 0) this.#hooks.onPassedOver(cut);
    this.#wire?.close(code, error.message.slice(0, 100));
    this.#owned.unsubscribe();
    const exchanges = [...this.#exchanges.values()];
    this.#exchanges.clear();
    for (const exchange of exchanges) exchange.fail(error);
  }

  #error(
    code: "TIMEOUT" | "PEER_REJECTED" | "CONNECTION_LOST" | "PROTOCOL_ERROR" | "UNKNOWN",
    what: string,
    cause?: unknown,
  ): DownloadError {
    return new DownloadError(code, `${this.#link.id}: ${what}`, { peer: this.#link.id, cause });
  }

  #errorIn(message: PeerErrorMessage): DownloadError {
    return fromErrorMessage(message, this.#link.id, this.#options.maxRetryAfterMs);
  }

  #asDownloadError(error: unknown): DownloadError {
    if (error instanceof DownloadError) return error;
    return this.#error("UNKNOWN", reasonOf(error), error);
  }
}
