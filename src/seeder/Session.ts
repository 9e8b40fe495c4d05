import { interval, Subscription, type Subscriber } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { decodeClientMessage, encodeMessage } from "../protocol/codec.js";
import { type Feature, hasFeature } from "../protocol/features.js";
import { MessageRate } from "../protocol/MessageRate.js";
import type { ClientMessage, GetChunk, GetManifest, Hello, Serving } from "../protocol/messages.js";
import { toErrorMessage } from "../protocol/peerErrors.js";
import { closeCodes, protocolVersion } from "../protocol/protocol.js";
import { reasonOf } from "../protocol/reasonOf.js";
import { isOfRendezvous, type RtcJoin, type SentSignal } from "../protocol/signals.js";
import type { Answer } from "./Answer.js";
import type { SourceLookup } from "./ByteSource.js";
import { type Connection, hostOf } from "./Connection.js";
import type { Demands } from "./Demands.js";
import type { Guest, Guests } from "./Guests.js";
import { Introductions } from "./Introductions.js";
import { Meeting } from "./Meeting.js";
import { Outbox } from "./Outbox.js";
import { ReadAhead } from "./ReadAhead.js";
import { randomHex } from "./randomHex.js";
import type { ReadMemory } from "./ReadMemory.js";
import type { ReadTurns } from "./ReadTurns.js";
import type { Rendezvous } from "./Rendezvous.js";
import { Requests } from "./Requests.js";
import type { ResolvedSeederConfig } from "./SeederConfig.js";
import type { SeederEvent } from "./SeederEvent.js";
import type { ServingClients } from "./ServingClients.js";
import type { UploadPace } from "./UploadPace.js";

/** Extensions that every seeder knows. */
const features: Feature[] = ["peers", "rtc"];
/** How often a connection is looked at. */
const watchMs = 5000;

export interface SessionParts {
  readonly sources: SourceLookup;
  readonly clients: ServingClients;
  readonly connection: Connection;
  readonly config: ResolvedSeederConfig;
  readonly pace: UploadPace;
  readonly turns: ReadTurns;
  readonly memory: ReadMemory;
  readonly guests: Guests;
  readonly nonces: Set<string>;
  readonly demands: Demands;
  readonly rendezvous: Rendezvous;
  readonly events: Subscriber<SeederEvent>;
}

/** One client from hello to goodbye: what it may say and when. */
export class Session implements Guest {
  readonly host: string;
  readonly #connection: Connection;
  readonly #config: ResolvedSeederConfig;
  readonly #events: Subscriber<SeederEvent>;
  readonly #readAhead: ReadAhead;
  readonly #outbox: Outbox;
  readonly #requests: Requests;
  readonly #rate: MessageRate;
  readonly #guests: Guests;
  /** Nonces of all connections. */
  readonly #nonces: Set<string>;
  readonly #introductions: Introductions;
  readonly #meetingWith: (frameBytes: number) => Meeting;
  readonly #owned = new Subscription();
  /** Words of the client on itself, once it has greeted. */
  #client: Hello | undefined;
  /** The client's part in the rendezvous, where it named that feature. */
  #meeting: Meeting | undefined;
  #ended = false;
  /** When it asked last, or the last of an answer went out. */
  #busyAt: number;

  constructor(parts: SessionParts) {
    const { sources, clients, connection, config, pace, turns, memory, guests, nonces, demands, rendezvous, events } =
      parts;
    const readAhead = new ReadAhead({
      limit: config.readAheadBytes,
      turns,
      memory,
      onTurn: () => this.#outbox.pump(),
    });
    this.#readAhead = readAhead;
    this.#connection = connection;
    this.#config = config;
    this.#events = events;
    this.#guests = guests;
    this.#nonces = nonces;
    this.host = hostOf(connection);
    this.#busyAt = config.scheduler.now();
    this.#rate = new MessageRate(config.maxMessagesPerSecond, config.scheduler);
    this.#outbox = new Outbox({
      connection,
      host: this.host,
      readAhead,
      pace,
      scheduler: config.scheduler,
      onFinished: (answer) => this.#finished(answer),
      onBroken: (error) => this.#end(reasonOf(error)),
    });
    this.#introductions = new Introductions({ sources, clients, connection, outbox: this.#outbox, config });
    this.#requests = new Requests({
      sources,
      demands,
      config,
      pace,
      outbox: this.#outbox,
      readAhead,
      peer: connection.address,
      host: this.host,
      onInterest: (root) => this.#introduce(root),
      report: (event) => events.next(event),
    });
    const { scheduler } = config;
    const reply = (frame: Uint8Array): void => this.#outbox.reply(frame);
    const report = ({ code, message }: { readonly code: string; readonly message: string }): void =>
      events.next({ type: "request-refused", peer: connection.address, code, message });
    const unread = (): number => this.#outbox.queuedReplies;
    this.#meetingWith = (frameBytes) =>
      new Meeting({ rendezvous, sources, scheduler, reply, unread, report }, frameBytes);
  }

  start(): void {
    const { maxFrameBytes, maxRequests, helloTimeoutMs, scheduler, random } = this.#config;
    this.#events.next({ type: "connection-opened", peer: this.#connection.address });
    const limits = { frameBytes: maxFrameBytes, requests: maxRequests };
    const nonce = randomHex(16, random);
    this.#nonces.add(nonce);
    this.#owned.add(() => this.#nonces.delete(nonce));
    this.#outbox.reply(encodeMessage({ type: "hello", version: protocolVersion, limits, features, nonce }));
    this.#owned.add(
      scheduler.schedule(() => {
        if (this.#client === undefined) this.#violation(`no hello within ${helloTimeoutMs} ms`);
      }, helloTimeoutMs),
    );
    this.#guests.enter(this);
    this.#owned.add(interval(watchMs, scheduler).subscribe(() => this.#watch()));
    this.#owned.add(
      this.#connection.frames.subscribe({
        next: (frame) => this.#receive(frame),
        error: (error: unknown) => this.#end(reasonOf(error)),
        complete: () => this.#end(),
      }),
    );
  }

  /** Stops everything at once and closes the connection. */
  stop(): void {
    if (!this.#ended) this.#hangUp(closeCodes.goingAway, "the seeder stops");
    this.#readAhead.abandon();
  }

  get idleMs(): number {
    return this.#requests.isEmpty ? this.#config.scheduler.now() - this.#busyAt : 0;
  }

  makeRoom(): void {
    this.#hangUp(closeCodes.tryAgainLater, "idle, and others want to come");
  }

  /** Ends a connection of which nothing comes, or where nothing is read. */
  #watch(): void {
    const { idleTimeoutMs, unreadTimeoutMs, scheduler } = this.#config;
    const now = scheduler.now();
    const { unreadSince } = this.#outbox;
    if (unreadSince !== undefined && now - unreadSince >= unreadTimeoutMs) {
      this.#hangUp(closeCodes.policy, `a message was not read within ${unreadTimeoutMs} ms`);
    } else if (this.idleMs >= idleTimeoutMs && this.#meeting?.isHere !== true && this.#connection.isLast !== true) {
      this.#hangUp(closeCodes.goingAway, `nothing was asked for within ${idleTimeoutMs} ms`);
    }
  }

  #finished(answer: Answer): void {
    this.#busyAt = this.#config.scheduler.now();
    this.#requests.finished(answer);
  }

  #hangUp(code: number, reason: string): void {
    this.#connection.close(code, reason);
    this.#end(reason);
  }

  #receive(frame: Uint8Array): void {
    if (this.#ended) return;
    const { maxFrameBytes, maxMessagesPerSecond, maxQueuedReplies, busyRetryAfterMs } = this.#config;
    if (frame.length > maxFrameBytes) {
      const sizes = `a message of ${frame.length} bytes, expected at most ${maxFrameBytes}`;
      this.#refuse(closeCodes.tooBig, new DownloadError("PROTOCOL_ERROR", sizes));
    } else if (this.#rate.exceeded()) {
      const flood = `more than ${maxMessagesPerSecond} messages a second`;
      const error = new DownloadError("RATE_LIMITED", flood, { retryAfterMs: busyRetryAfterMs });
      this.#refuse(closeCodes.tryAgainLater, error);
    } else if (this.#outbox.queuedReplies > maxQueuedReplies) {
      const waiting = `more than ${maxQueuedReplies} answers wait to be read`;
      this.#refuse(closeCodes.policy, new DownloadError("PEER_REJECTED", waiting));
    } else {
      this.#read(frame);
    }
  }

  #read(frame: Uint8Array): void {
    let message: ClientMessage;
    try {
      message = decodeClientMessage(frame);
    } catch (error) {
      this.#refuse(closeCodes.malformed, error);
      return;
    }
    if (message.type === "hello") this.#greet(message);
    else if (this.#client === undefined) this.#violation(`${message.type} before hello`);
    else if (message.type === "cancel") this.#requests.cancel(message.id);
    else if (message.type === "serving") this.#serving(message);
    else if (isOfRendezvous(message)) this.#meet(message);
    else this.#ask(message, this.#client);
  }

  #greet(hello: Hello): void {
    const { version } = hello;
    if (this.#client !== undefined) this.#violation("a second hello");
    else if (version !== protocolVersion) this.#violation(`version ${version}, expected ${protocolVersion}`);
    else this.#know(hello);
  }

  #know(hello: Hello): void {
    this.#client = hello;
    if (hasFeature(hello, "rtc")) this.#meeting = this.#meetingWith(hello.limits.frameBytes);
  }

  #meet(message: RtcJoin | SentSignal): void {
    if (this.#meeting === undefined) this.#violation(`${message.type} without the feature rtc in its hello`);
    else this.#meeting.take(message);
  }

  #serving(serving: Serving): void {
    try {
      this.#introductions.serving(serving);
      this.#introduce(serving.root);
    } catch (error) {
      this.#refuse(closeCodes.policy, error);
    }
  }

  /** A client that does not know of peer exchange is told of nobody. */
  #introduce(root: string): void {
    if (this.#client !== undefined && hasFeature(this.#client, "peers")) this.#introductions.interest(root);
  }

  #ask(request: GetChunk | GetManifest, client: Hello): void {
    this.#busyAt = this.#config.scheduler.now();
    if (this.#requests.has(request.id)) this.#violation(`request id ${request.id} is still in use`);
    else this.#requests.ask(request, client);
  }

  #violation(what: string): void {
    this.#refuse(closeCodes.protocolError, new DownloadError("PROTOCOL_ERROR", what));
  }

  /** Says why and hangs up. */
  #refuse(code: number, error: unknown): void {
    const message = toErrorMessage(error);
    // A transport that is broken already cannot be told anything, and is closed next.
    this.#connection.send(encodeMessage(message)).subscribe({ error: () => undefined });
    this.#connection.close(code, message.message.slice(0, 100));
    this.#end(message.message);
  }

  #end(reason?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#guests.leave(this);
    this.#meeting?.leave();
    this.#outbox.close();
    this.#requests.close();
    this.#introductions.close();
    this.#owned.unsubscribe();
    const peer = this.#connection.address;
    this.#events.next({ type: "connection-closed", peer, ...(reason === undefined ? {} : { reason }) });
    this.#readAhead.close(() => this.#events.complete());
  }
}
