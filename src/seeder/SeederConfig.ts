import { asyncScheduler, type SchedulerLike } from "rxjs";
import { checkLimit } from "../protocol/checkLimit.js";

/** Limits of a seeder. Every limit is per connection unless it says otherwise. */
export interface SeederConfig {
  /** The largest message taken from a client, bytes. @default 65536 */
  readonly maxFrameBytes?: number;
  /** Messages taken from a client within a second; more close the connection as busy. @default 10000 */
  readonly maxMessagesPerSecond?: number;
  /** Requests in flight, cancelled ones until their reads have ended; more are answered `PEER_BUSY`. @default 16 */
  readonly maxRequests?: number;
  /** Short answers (errors) that may wait for a client that does not read; more close the connection. @default 1024 */
  readonly maxQueuedReplies?: number;
  /** The wait that a busy answer asks for, milliseconds. @default 1000 */
  readonly busyRetryAfterMs?: number;
  /** Bytes being read from files, or read and not yet taken by the transport. @default 2097152 */
  readonly readAheadBytes?: number;
  /** Reads under way for all clients together, each of at most 256 KiB; more wait for their turn. @default 32 */
  readonly maxReads?: number;
  /** How long a client may take to say hello, milliseconds. @default 10000 */
  readonly helloTimeoutMs?: number;
  /** Payload bytes a second to all clients together. @default unlimited */
  readonly limitRateBytesPerSecond?: number;
  /** Time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

export const seederDefaults = {
  maxFrameBytes: 64 * 1024,
  maxMessagesPerSecond: 10_000,
  maxRequests: 16,
  maxQueuedReplies: 1024,
  busyRetryAfterMs: 1000,
  readAheadBytes: 2 * 1024 * 1024,
  maxReads: 32,
  helloTimeoutMs: 10_000,
} as const;

export interface ResolvedSeederConfig {
  readonly maxFrameBytes: number;
  readonly maxMessagesPerSecond: number;
  readonly maxRequests: number;
  readonly maxQueuedReplies: number;
  readonly busyRetryAfterMs: number;
  readonly readAheadBytes: number;
  readonly maxReads: number;
  readonly helloTimeoutMs: number;
  readonly limitRateBytesPerSecond: number | undefined;
  readonly scheduler: SchedulerLike;
}

/** @throws RangeError that names the wrong option. */
export function resolveSeederConfig(config: SeederConfig): ResolvedSeederConfig {
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
    helloTimeoutMs: limit("helloTimeoutMs"),
    limitRateBytesPerSecond: rate === undefined ? undefined : checkLimit("limitRateBytesPerSecond", rate, rate),
    scheduler: config.scheduler ?? asyncScheduler,
  };
}
