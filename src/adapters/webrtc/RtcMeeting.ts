import { defer, Observable, type SchedulerLike, Subject, Subscription, throwError } from "rxjs";
import { isTransientError } from "../../errors/isTransientError.js";
import { decodeRendezvousMessage, encodeMessage } from "../../protocol/codec.js";
import { hasFeature } from "../../protocol/features.js";
import { findToken, type Tokens } from "../../protocol/findToken.js";
import type { Hello, PeerErrorMessage, RendezvousMessage } from "../../protocol/messages.js";
import { fromErrorMessage } from "../../protocol/peerErrors.js";
import type { PeerLink } from "../../protocol/PeerLink.js";
import { closeCodes, protocolVersion } from "../../protocol/protocol.js";
import type { PassedSignal, RtcPeers } from "../../protocol/signals.js";
import type { Connection } from "../../seeder/Connection.js";
import type { Dial, Wire } from "../websocket/Dial.js";
import { ChannelConnection } from "./ChannelConnection.js";
import { ChannelWire } from "./ChannelWire.js";
import { noCallError, RtcCall } from "./RtcCall.js";
import type { RtcEngine, RtcSignal } from "./RtcEngine.js";

export interface RtcMeans {
  readonly engine: RtcEngine;
  readonly iceServers: readonly string[];
  /** Opens the socket to the seeder. */
  readonly dial: Dial;
  readonly tokens: Tokens;
  /** True when the seeder was named by a stranger. */
  readonly publicOnly: (seeder: string) => boolean;
  /** True when an address may be asked of which another client told by way of a seeder. */
  readonly mayAsk: (address: string, seeder: PeerLink) => boolean;
  /** Serves a client that came. @default nobody is served */
  readonly serve: ((connection: Connection) => void) | undefined;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
}

/** Clients of one seeder that are served at a time. */
const mostServed = 32;
/** Others who are remembered: a seeder tells of many fewer at a time, and one that tells of more and more is no good one. */
const mostThere = 1024;
const longestFrame = 64 * 1024;
const helloMs = 10_000;
const firstWaitMs = 1000;
const longestWaitMs = 60_000;

/**
 * The clients of one seeder who have or want one file, over a WebSocket of its own, which the seeder tells of others and passes signals on.
 *
 *     away ──▶ dialling ──▶ there ──▶ away          calls that are open stand, idle ones too: nothing could be called in their place
 *                  └──────────────▶ given up        a seeder that passes no signals on
 *
 * Another client who is gone, as the seeder says, loses its calls at once, because a channel itself notices that late.
 */
export class RtcMeeting {
  readonly #link: PeerLink;
  readonly #means: RtcMeans;
  readonly #changes = new Subject<void>();
  /** Emits when `others` is another list. */
  readonly changes: Observable<void> = this.#changes.asObservable();
  readonly #there = new Set<string>();
  readonly #calls = new Map<number, RtcCall>();
  /** Calls of this end, which are how others are asked. */
  readonly #asking = new Map<string, RtcCall>();
  #socket = Subscription.EMPTY;
  #wire: Wire | undefined;
  #isGreeted = false;
  #waitMs = firstWaitMs;
  #isClosed = false;

  constructor(link: PeerLink, means: RtcMeans) {
    this.#link = link;
    this.#means = means;
    this.#dial();
  }

  /** The file. */
  get root(): string {
    return this.#link.root;
  }

  /** Others that serve the file and can be called, or are called: by the names that the seeder gave them. */
  get others(): readonly string[] {
    const open = [...this.#asking].filter(([, call]) => call.isOpen).map(([id]) => id);
    return [...new Set([...this.#there, ...open])];
  }

  /** Opens connections to another client: a channel each. */
  dialTo(id: string): Dial {
    return ({ peer }) => {
      if (!this.#isGreeted) return throwError(() => noCallError(peer, "unled"));
      if (!this.#there.has(id)) return throwError(() => noCallError(peer, "gone"));
      return new Observable((subscriber) => {
        const number = 1 + Math.floor(this.#means.random() * (2 ** 32 - 1));
        const call = this.#call(number, id);
        this.#asking.set(id, call);
        return call.open("offer").subscribe({
          next: (open) => subscriber.next(new ChannelWire(open, peer)),
          error: (error: unknown) => subscriber.error(error),
        });
      });
    };
  }

  /** Leaves the seeder, and ends all calls. */
  close(): void {
    this.#isClosed = true;
    this.#leave();
    for (const call of [...this.#calls.values()]) call.fail(noCallError(call.peer, "left"));
  }

  #dial(): void {
    const { dial, tokens, publicOnly, scheduler } = this.#means;
    const { url, id: peer } = this.#link;
    const token = findToken(tokens, this.#link);
    const limits = { maxFrameBytes: longestFrame, maxRetryAfterMs: longestWaitMs };
    const socket = (this.#socket = new Subscription());
    socket.add(scheduler.schedule(() => !this.#isGreeted && this.#lost(), helloMs));
    socket.add(
      dial({ url, peer, token, publicOnly: publicOnly(peer), ...limits }).subscribe({
        next: (wire) => this.#opened(wire),
        error: (error: unknown) => this.#lost(error),
      }),
    );
  }

  #opened(wire: Wire): void {
    this.#wire = wire;
    this.#socket.add(
      wire.frames.subscribe({
        next: (frame) => this.#receive(frame),
        error: (error: unknown) => this.#lost(error),
      }),
    );
    const limits = { frameBytes: longestFrame, requests: 0 };
    wire.send(encodeMessage({ type: "hello", version: protocolVersion, limits, features: ["rtc"] }));
  }

  #receive(frame: Uint8Array): void {
    let message: RendezvousMessage;
    try {
      message = decodeRendezvousMessage(frame);
    } catch (error) {
      this.#lost(error);
      return;
    }
    if (message.type === "hello") this.#greet(message);
    else if (message.type === "error") this.#refused(message);
    else if (message.type === "rtc-peers") this.#learn(message);
    else this.#hear(message);
  }

  #greet(hello: Hello): void {
    this.#isGreeted = true;
    if (!hasFeature(hello, "rtc")) {
      this.#leave();
      return;
    }
    this.#waitMs = firstWaitMs;
    const serves = this.#means.serve !== undefined;
    this.#wire?.send(encodeMessage({ type: "rtc-join", id: 0, root: this.#link.root, serves }));
  }

  /** An error of a call ends that; any other, such as of joining, is one of being here. */
  #refused(message: PeerErrorMessage): void {
    const call = this.#calls.get(message.id ?? 0);
    const error = fromErrorMessage(message, call?.peer ?? this.#link.id, longestWaitMs);
    if (call === undefined) this.#lost(error);
    else call.fail(error);
  }

  #learn({ root, joined, left }: RtcPeers): void {
    if (root !== this.#link.root) return;
    for (const id of joined) if (this.#there.size < mostThere) this.#there.add(id);
    for (const id of left) {
      this.#there.delete(id);
      for (const call of [...this.#calls.values()])
        if (call.peer === nameOf(id)) call.fail(noCallError(call.peer, "gone"));
    }
    this.#changes.next();
  }

  #hear({ id, from, root, ...signal }: PassedSignal): void {
    const call = this.#calls.get(id);
    if (call !== undefined) {
      if (call.peer === nameOf(from) && signal.type !== "rtc-offer") call.take(signal);
    } else if (signal.type === "rtc-offer" && root === this.#link.root) {
      this.#answer(id, from, signal);
    }
  }

  #answer(id: number, from: string, offer: RtcSignal): void {
    const { serve, scheduler } = this.#means;
    if (serve === undefined || this.#calls.size - this.#asking.size >= mostServed) return;
    const patience = new Subscription();
    const called = defer(() => {
      const call = this.#call(id, from);
      patience.add(scheduler.schedule(() => call.hangUp(), helloMs));
      return call.open(offer);
    });
    called.subscribe({
      next: (open) => {
        patience.unsubscribe();
        serve(new ChannelConnection(open, { address: nameOf(from), scheduler }));
      },
      // One that cannot come asks anew, or asks somebody else.
      error: () => patience.unsubscribe(),
    });
  }

  #call(id: number, other: string): RtcCall {
    const { engine, iceServers, mayAsk } = this.#means;
    const { root } = this.#link;
    const call = new RtcCall({
      engine,
      iceServers,
      peer: nameOf(other),
      isAway: () => !this.#isGreeted,
      mayAsk: (address) => mayAsk(address, this.#link),
      send: (signal) => this.#wire?.send(encodeMessage({ ...signal, id, root, to: other })),
      onEnd: () => {
        this.#calls.delete(id);
        if (this.#asking.get(other) !== call) return;
        this.#asking.delete(other);
        if (!this.#there.has(other)) this.#changes.next();
      },
    });
    this.#calls.set(id, call);
    return call;
  }

  /** The socket is gone, or of no use; it is dialled again, after longer and longer. */
  #lost(error?: unknown): void {
    this.#leave();
    for (const call of [...this.#calls.values()]) if (!call.isOpen) call.fail(noCallError(call.peer, "unled"));
    if (this.#isClosed || (error !== undefined && !isTransientError(error))) return;
    const waitMs = this.#waitMs * (0.5 + this.#means.random());
    this.#waitMs = Math.min(longestWaitMs, 2 * this.#waitMs);
    this.#socket = this.#means.scheduler.schedule(() => this.#dial(), waitMs);
  }

  /** Names that a seeder gave are worth nothing without it. */
  #leave(): void {
    this.#wire?.close(closeCodes.normal, "");
    this.#wire = undefined;
    this.#isGreeted = false;
    this.#socket.unsubscribe();
    if (this.#there.size === 0) return;
    this.#there.clear();
    this.#changes.next();
  }
}

/** The name of another client in events and records. */
export const nameOf = (id: string): string => `rtc:${id}`;
