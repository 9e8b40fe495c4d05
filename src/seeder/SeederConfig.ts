import { checkOptions, type OptionShapes } from "../../operators/checkOptions.js";
import { aFunction, anyNumber, aScheduler } from "../../operators/optionShapes.js";
import { defaultRandom } from "../../operators/defaults.js";
import { asyncScheduler, type SchedulerLike } from "rxjs";
import { checkLimit } from "../protocol/checkLimit.js";

/** Limits of a seeder. Every limit is per connection unless it says otherwise. */
export interface SeederConfig {
  /** The largest message taken from a client, bytes. @default 65536 */
  readonly maxFrameBytes?: number | undefined;
  /** Messages taken from a client within a second; more close the connection as busy. @default 10000 */
  readonly maxMessagesPerSecond?: number | undefined;
  /** Requests in flight, cancelled ones until their reads have ended; more are answered `PEER_BUSY`. @default 16 */
  readonly maxRequests?: number | undefined;
  /** Short answers (errors) that may wait for a client that does not read; more close the connection. @default 1024 */
  readonly maxQueuedReplies?: number | undefined;
  /** The wait that a busy answer asks for, milliseconds. @default 1000 */
  readonly busyRetryAfterMs?: number | undefined;
  /** Bytes being read from files, or read and not yet taken by the transport. @default 2097152 */
  readonly readAheadBytes?: number | undefined;
  /** Reads under way for all clients together, each of at most 256 KiB; more wait for their turn. @default 32 */
  readonly maxReads?: number | undefined;
  /** Bytes read ahead for all clients together; beyond them each may hold one read. @default 67108864 */
  readonly maxReadAheadBytes?: number | undefined;
  /** How long a client may take to say hello, milliseconds. @default 10000 */
  readonly helloTimeoutMs?: number | undefined;
  /** How long a client may ask for nothing, milliseconds; then its connection is closed. @default 120000 */
  readonly idleTimeoutMs?: number | undefined;
  /** How long a client may leave a message unread, milliseconds; then its connection is closed. @default 60000 */
  readonly unreadTimeoutMs?: number | undefined;
  /** Clients at a time; when there are more, the one that has been idle for longest makes room. @default 256 */
  readonly maxConnections?: number | undefined;
  /**
   * Clients of one address (of a public IPv6 network of 64 bits, where this machine is in another) at a time; when there are more, the one of them that has
   * been idle for longest makes room.
   * @default 64
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** Payload bytes a second to all clients together. @default unlimited */
  readonly limitRateBytesPerSecond?: number | undefined;
  /** A number in [0, 1), where chance decides. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

export const seederDefaults = {
  maxFrameBytes: 64 * 1024,
  maxMessagesPerSecond: 10_000,
  maxRequests: 16,
  maxQueuedReplies: 1024,
  busyRetryAfterMs: 1000,
  readAheadBytes: 2 * 1024 * 1024,
  maxReads: 32,
  maxReadAheadBytes: 64 * 1024 * 1024,
  helloTimeoutMs: 10_000,
  idleTimeoutMs: 120_000,
  unreadTimeoutMs: 60_000,
  maxConnections: 256,
  maxConnectionsPerAddress: 64,
} as const;

export interface ResolvedSeederConfig extends Readonly<Record<keyof typeof seederDefaults, number>> {
  readonly limitRateBytesPerSecond: number | undefined;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
}

const shapes: OptionShapes<SeederConfig> = {
  ...{ maxFrameBytes: anyNumber, maxMessagesPerSecond: anyNumber, maxRequests: anyNumber, maxQueuedReplies: anyNumber },
  ...{ busyRetryAfterMs: anyNumber, readAheadBytes: anyNumber, maxReads: anyNumber, maxReadAheadBytes: anyNumber },
  ...{ helloTimeoutMs: anyNumber, idleTimeoutMs: anyNumber, unreadTimeoutMs: anyNumber, maxConnections: anyNumber },
  ...{
    maxConnectionsPerAddress: anyNumber,
    limitRateBytesPerSecond: anyNumber,
    scheduler: aScheduler,
    random: aFunction,
  },
};

/** @throws TypeError or RangeError that names the wrong option. */
export function resolveSeederConfig(config: SeederConfig): ResolvedSeederConfig {
  checkOptions("createSeeder", config, shapes);
  const limit = (name: keyof typeof seederDefaults, least = 1) =>
    checkLimit(name, config[name], seederDefaults[name], least);
  const rate = config.limitRateBytesPerSecond;
  return {
    maxFrameBytes: limit("maxFrameBytes", 1024),
    maxMessagesPerSecond: limit("maxMessagesPerSecond"),
    maxRequests: limit("maxRequests"),
    maxQueuedReplies: limit("maxQueuedReplies"),
    busyRetryAfterMs: limit("busyRetryAfterMs", 0),
    readAheadBytes: limit("readAheadBytes"),
    maxReads: limit("maxReads"),
    maxReadAheadBytes: limit("maxReadAheadBytes"),
    helloTimeoutMs: limit("helloTimeoutMs"),
    idleTimeoutMs: limit("idleTimeoutMs"),
    unreadTimeoutMs: limit("unreadTimeoutMs"),
    maxConnections: limit("maxConnections"),
    maxConnectionsPerAddress: limit("maxConnectionsPerAddress"),
    limitRateBytesPerSecond: rate === undefined ? undefined : checkLimit("limitRateBytesPerSecond", rate, rate),
    scheduler: config.scheduler ?? asyncScheduler,
    random: config.random ?? defaultRandom,
  };
}
