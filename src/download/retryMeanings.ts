import { type RetryConfig, retryDefaults } from "./RetryConfig.js";

/** An option of a retry policy in words, for those who choose it. */
export interface RetryMeaning {
  readonly meaning: string;
  readonly unit?: "ms" | "s";
  /** Default in words. */
  readonly usual: string;
}

/** Options of a retry policy in words, in the order in which they are shown. */
export const retryMeanings: Readonly<Record<keyof RetryConfig, RetryMeaning>> = {
  maxChunkRetries: of("maxChunkRetries", "retries of a chunk after its first request, in one round"),
  samePeerRetries: of("samePeerRetries", "retries on one peer before a switch"),
  initialBackoffMs: of("initialBackoffMs", "wait before the first retry", "ms"),
  backoffMultiplier: of("backoffMultiplier", "each wait is so many times the one before"),
  maxBackoffMs: of("maxBackoffMs", "longest wait before a retry", "ms"),
  jitter: of("jitter", "chance in the waits: none, full, keyed or a ratio from 0 to 1"),
  peerFailureThreshold: of("peerFailureThreshold", "failures of a peer in a row that blacklist it"),
  peerBlacklistDurationSecs: of("peerBlacklistDurationSecs", "how long it stays blacklisted", "s"),
  chunkTimeoutSecs: of("chunkTimeoutSecs", "limit of one attempt", "s"),
  chunkDeadlineSecs: of("chunkDeadlineSecs", "limit of one chunk without progress, waits included", "s"),
  maxTotalRetries: { meaning: "retries of all chunks together", usual: "twice the chunks, at least 24" },
  maxConcurrentChunks: of("maxConcurrentChunks", "requests under way, all peers together"),
  maxChunksPerPeer: of("maxChunksPerPeer", "requests under way on one peer"),
  requestsPerSecondPerPeer: of("requestsPerSecondPerPeer", "fruitless requests a second to one peer"),
  peerWaitSecs: of("peerWaitSecs", "how long to wait without any peer", "s"),
  maxOfflineSecs: of("maxOfflineSecs", "how long to wait without a network", "s"),
};

function of(name: Exclude<keyof RetryConfig, "maxTotalRetries">, meaning: string, unit?: "ms" | "s"): RetryMeaning {
  return { meaning, ...(unit && { unit }), usual: JSON.stringify(retryDefaults[name]) };
}
