import { checkOptions, checkShape, type OptionShapes } from "../../../operators/checkOptions.js";
import { aFunction, anObservable, anyNumber, aScheduler, aSwitch } from "../../../operators/optionShapes.js";
import { tokensShape } from "../../protocol/accessShapes.js";
import { asyncScheduler, NEVER, type Observable, type SchedulerLike } from "rxjs";
import { largestChunk } from "../../manifest/chunkSize.js";
import { checkLimit } from "../../protocol/checkLimit.js";
import { envelopeBytes, maxDataBytes } from "../../protocol/protocol.js";
import type { Dial } from "./Dial.js";
import type { Tokens } from "../../protocol/findToken.js";

/** How peers are reached, and what they are allowed. */
export interface WebSocketPeerOptions {
  /** Opens sockets: `dialNode()` or `dialBrowser()`. */
  readonly dial: Dial;
  /** True when the peer was named by a stranger, and may be no address of this machine or of a private network: see `DialTarget`. @default false */
  readonly publicOnly?: boolean | undefined;
  /** Bearer tokens by host (`host` or `host:port`). A token is sent to that host only. @default none */
  readonly tokens?: Tokens | undefined;
  /** Back-pressure: while its last value is `true`, nothing is read from the sockets, which slows the senders down. @default never */
  readonly paused?: Observable<boolean> | undefined;
  /** Dialling, handshake and hello together, milliseconds. @default 10000 */
  readonly dialTimeoutMs?: number | undefined;
  /** A connection without requests is closed after so many milliseconds. @default 30000 */
  readonly idleMs?: number | undefined;
  /** The largest message taken, bytes. Data comes in frames that fit. @default 262656 */
  readonly maxFrameBytes?: number | undefined;
  /** Messages taken within a second on one connection; more are a `PROTOCOL_ERROR`. @default 20000 */
  readonly maxMessagesPerSecond?: number | undefined;
  /** Chunks of a manifest; each costs 32 bytes. @default 1048576 */
  readonly maxChunks?: number | undefined;
  /** Bytes of the largest chunk that a manifest may speak of. @default 67108864 */
  readonly maxChunkBytes?: number | undefined;
  /** Bytes of a file that a manifest may speak of. @default 9007199254740991 */
  readonly maxFileBytes?: number | undefined;
  /** Characters of the name in a manifest. @default 255 */
  readonly maxNameLength?: number | undefined;
  /** Where a peer's wish to be left alone is cut, milliseconds. @default 86400000 */
  readonly maxRetryAfterMs?: number | undefined;
  /** Time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
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
  readonly tokens: Tokens;
  readonly paused: Observable<boolean>;
  readonly scheduler: SchedulerLike;
};

/** The shapes of the options of `WebSocketPeer`. */
export const webSocketPeerShapes: OptionShapes<WebSocketPeerOptions> = {
  dial: { must: "what opens sockets, such as dialNode()", fits: aFunction.fits },
  publicOnly: aSwitch,
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
