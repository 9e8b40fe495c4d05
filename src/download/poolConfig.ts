import type { PoolConfig } from "../peers/PoolConfig.js";
import type { RetryConfig } from "./RetryConfig.js";
import { resolveRetryConfig } from "./RetryConfig.js";

/**
 * The part of a retry config that a `PeerPool` needs, with the usual defaults; `chunkBytes` is the size of a usual request, and
 * `more` is what no retry config tells.
 *
 * @throws TypeError or RangeError, which names the option, the value and what would be right.
 */
export function poolConfig(
  retry: Partial<RetryConfig> = {},
  chunkBytes = 262_144,
  more: Pick<PoolConfig, "strategy" | "random" | "firstBlacklistMs" | "isSharing"> = {},
): PoolConfig {
  const config = resolveRetryConfig(retry);
  return {
    maxConcurrent: config.maxConcurrentChunks,
    maxPerPeer: config.maxChunksPerPeer,
    failureThreshold: config.peerFailureThreshold,
    blacklistMs: config.peerBlacklistDurationSecs * 1000,
    requestsPerSecond: config.requestsPerSecondPerPeer,
    peerWaitMs: config.peerWaitSecs * 1000,
    longestBusyMs: config.chunkDeadlineSecs * 1000,
    chunkBytes,
    ...more,
  };
}
