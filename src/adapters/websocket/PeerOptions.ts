import { checkOptions, checkShape, type OptionShapes } from "../../../operators/checkOptions.js";
import { aFunction, anObservable, anyNumber, aScheduler, aSwitch, aText } from "../../../operators/optionShapes.js";
import { tokensShape } from "../../protocol/accessShapes.js";
import { asyncScheduler, NEVER, type Observable, type SchedulerLike } from "rxjs";
import { largestChunk } from "../../manifest/chunkSize.js";
import { checkLimit } from "../../protocol/checkLimit.js";
import { envelopeBytes, maxDataBytes } from "../../protocol/protocol.js";
import type { PeerExchange } from "../../protocol/PeerExchange.js";
import type { Tokens } from "../../protocol/findToken.js";
import type { PeerOrigin } from "../../peers/NamedAddress.js";
import type { Dial } from "./Dial.js";
import type { WebSocketPeersOptions } from "./WebSocketPeersOptions.js";

/** How peers are reached, and what they are allowed. */
export interface WebSocketPeerOptions extends Omit<WebSocketPeersOptions, "publicOnly" | "sourceOf" | "closeWhen"> {
  /** Opens sockets: `dialNode()` or `dialBrowser()`. */
  readonly dial: Dial;
  /** True when the peer was named by a stranger, and may be no address of this machine or of a private network: see `DialTarget`. @default false */
  readonly publicOnly?: boolean | undefined;
  /** Peer exchange over its connections. @default none */
  readonly exchange?: PeerExchange | undefined;
  /** True for the nonce of a connection that our own server has: the peer is ourselves. @default nobody is */
  readonly isOwn?: ((nonce: string) => boolean) | undefined;
  /** How its address came to be known. @default "link" */
  readonly source?: PeerOrigin | undefined;
}

export const peerDefaults = {
  dialTimeoutMs: 10_000,
  idleMs: 30_000,
  maxFrameBytes: maxDataBytes + envelopeBytes,
  maxMessagesPerSecond: 20_000,
  maxChunks: 1_048_576,
  maxChunkBytes: largestChunk,
  maxFileBytes: Number.MAX_SAFE_INTEGER,
  maxNameLength: 255,
  maxRetryAfterMs: 86_400_000,
} as const;

export type ResolvedPeerOptions = Readonly<Record<keyof typeof peerDefaults, number>> & {
  readonly dial: Dial;
  readonly publicOnly: boolean;
  readonly source: PeerOrigin;
  readonly exchange: PeerExchange | undefined;
  readonly isOwn: (nonce: string) => boolean;
  readonly shares: boolean;
  readonly tokens: Tokens;
  readonly paused: Observable<boolean>;
  readonly scheduler: SchedulerLike;
};

/** The shapes of the options of `WebSocketPeer`. */
export const webSocketPeerShapes: OptionShapes<WebSocketPeerOptions> = {
  dial: { must: "what opens sockets, such as dialNode()", fits: aFunction.fits },
  publicOnly: aSwitch,
  source: aText("a way by which addresses come to be known, such as link"),
  exchange: { must: "peer exchange", fits: (value) => typeof value === "object" && value !== null },
  isOwn: aFunction,
  shares: aSwitch,
  tokens: tokensShape,
  paused: anObservable("true and false"),
  dialTimeoutMs: anyNumber,
  idleMs: anyNumber,
  maxFrameBytes: anyNumber,
  maxMessagesPerSecond: anyNumber,
  maxChunks: anyNumber,
  maxChunkBytes: anyNumber,
  maxFileBytes: anyNumber,
  maxNameLength: anyNumber,
  maxRetryAfterMs: anyNumber,
  scheduler: aScheduler,
};

/** @throws TypeError or RangeError that names the wrong option. */
export function resolvePeerOptions(options: WebSocketPeerOptions): ResolvedPeerOptions {
  checkOptions("WebSocketPeer", options, webSocketPeerShapes);
  checkShape("dial", options.dial, webSocketPeerShapes.dial);
  const limit = (name: keyof typeof peerDefaults, least = 1) =>
    checkLimit(name, options[name], peerDefaults[name], least);
  return {
    dial: options.dial,
    publicOnly: options.publicOnly ?? false,
    source: options.source ?? "link",
    exchange: options.exchange,
    isOwn: options.isOwn ?? (() => false),
    shares: options.shares ?? false,
    tokens: options.tokens ?? {},
    paused: options.paused ?? NEVER,
    scheduler: options.scheduler ?? asyncScheduler,
    dialTimeoutMs: limit("dialTimeoutMs"),
    idleMs: limit("idleMs"),
    maxFrameBytes: limit("maxFrameBytes", 4096),
    maxMessagesPerSecond: limit("maxMessagesPerSecond"),
    maxChunks: limit("maxChunks"),
    maxChunkBytes: limit("maxChunkBytes"),
    maxFileBytes: limit("maxFileBytes", 0),
    maxNameLength: limit("maxNameLength", 0),
    maxRetryAfterMs: limit("maxRetryAfterMs", 0),
  };
}
