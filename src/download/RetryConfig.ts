import { aJitter, type Jitter } from "../../operators/backoff.js";
import { checkOptions, type OptionShape } from "../../operators/checkOptions.js";
import { longestDelayMs } from "../../operators/defaults.js";
import { aNumber } from "../../operators/optionShapes.js";

/** How patient a download is. Every option has a default; a download takes any part of them. */
export interface RetryConfig {
  /** Retries of a chunk after its first request, in one round. @default 3 */
  readonly maxChunkRetries: number;
  /** Retries on one peer before a switch. @default 2 */
  readonly samePeerRetries: number;
  /** Wait before the first retry, ms. @default 1000 */
  readonly initialBackoffMs: number;
  /** Factor by which each wait is longer than the one before. @default 2 */
  readonly backoffMultiplier: number;
  /** Longest wait before a retry, ms. @default 8000 */
  readonly maxBackoffMs: number;
  /** Chance in the waits: "none", "full", "keyed", or a ratio from 0 to 1. @default "none" */
  readonly jitter: Jitter;
  /** Consecutive failures of a peer, over all chunks, that blacklist it. @default 3 */
  readonly peerFailureThreshold: number;
  /** How long a peer stays blacklisted, s. @default 300 */
  readonly peerBlacklistDurationSecs: number;
  /** Limit of one attempt, s. @default 60 */
  readonly chunkTimeoutSecs: number;
  /** Limit of one chunk from its start or last progress, waits included, s. @default 300 */
  readonly chunkDeadlineSecs: number;
  /** Retries of all chunks together. @default the larger of 24 and twice the number of chunks */
  readonly maxTotalRetries?: number;
  /** Legs in flight, all peers together. @default 8 */
  readonly maxConcurrentChunks: number;
  /** Legs in flight on one peer. @default 8 */
  readonly maxChunksPerPeer: number;
  /** Fruitless requests a second to one peer, after a burst of 8. @default 20 */
  readonly requestsPerSecondPerPeer: number;
  /** How long a download waits without any peer, s. @default 300 */
  readonly peerWaitSecs: number;
  /** How long a download waits without a network before it fails, s; 0 for not at all. @default 300 */
  readonly maxOfflineSecs: number;
}

export const retryDefaults: RetryConfig = {
  maxChunkRetries: 3,
  samePeerRetries: 2,
  initialBackoffMs: 1000,
  backoffMultiplier: 2,
  maxBackoffMs: 8000,
  jitter: "none",
  peerFailureThreshold: 3,
  peerBlacklistDurationSecs: 300,
  chunkTimeoutSecs: 60,
  chunkDeadlineSecs: 300,
  maxConcurrentChunks: 8,
  maxChunksPerPeer: 8,
  requestsPerSecondPerPeer: 20,
  peerWaitSecs: 300,
  maxOfflineSecs: 300,
};

/** Part of a retry policy, as a user gives it; `undefined` is not given. */
export type GivenRetryConfig = { readonly [Name in keyof RetryConfig]?: RetryConfig[Name] | undefined };

interface Range {
  readonly from: number;
  readonly to: number;
  readonly whole?: boolean;
}

/** Range of each number. */
export const retryRanges: Readonly<Record<Exclude<keyof RetryConfig, "jitter">, Range>> = {
  maxChunkRetries: { from: 0, to: 1_000, whole: true },
  samePeerRetries: { from: 0, to: 1_000, whole: true },
  initialBackoffMs: { from: 0, to: longestDelayMs },
  backoffMultiplier: { from: 1, to: 1_000 },
  maxBackoffMs: { from: 0, to: longestDelayMs },
  peerFailureThreshold: { from: 1, to: 1_000_000, whole: true },
  peerBlacklistDurationSecs: { from: 0, to: longestDelayMs / 1000 },
  chunkTimeoutSecs: { from: 0.001, to: longestDelayMs / 1000 },
  chunkDeadlineSecs: { from: 0.001, to: longestDelayMs / 1000 },
  maxTotalRetries: { from: 0, to: 1_000_000_000, whole: true },
  maxConcurrentChunks: { from: 1, to: 10_000, whole: true },
  maxChunksPerPeer: { from: 1, to: 1_000, whole: true },
  requestsPerSecondPerPeer: { from: 0.001, to: 1_000_000 },
  peerWaitSecs: { from: 0, to: longestDelayMs / 1000 },
  maxOfflineSecs: { from: 0, to: longestDelayMs / 1000 },
};

/**
 * The whole config: what was given, and defaults for the rest.
 *
 * @throws TypeError for an unknown option or a wrong type, RangeError for a number out of range; both name the option,
 * the value and what would be right.
 */
export function resolveRetryConfig(given: GivenRetryConfig = {}): RetryConfig {
  const numbers = Object.entries(retryRanges).map(([name, range]) => [name, shapeOf(range)] as const);
  checkOptions("retry", given, { ...Object.fromEntries(numbers), jitter: aJitter });
  const known = Object.fromEntries(Object.entries<unknown>(given).filter(([, value]) => value !== undefined));
  return { ...retryDefaults, ...known };
}

function shapeOf({ from, to, whole = false }: Range): OptionShape {
  return {
    must: `${whole ? "a whole number" : "a number"} from ${from} to ${to}`,
    fits: (value) => aNumber(from, to).fits(value) && (!whole || Number.isInteger(value)),
  };
}
