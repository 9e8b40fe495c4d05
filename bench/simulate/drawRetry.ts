import type { RetryConfig } from "../../src/download/RetryConfig.js";
import type { Dice } from "./Dice.js";

/** The options of a retry policy, about half of them left out. */
export function drawRetry(dice: Dice): Partial<RetryConfig> {
  return {
    ...dice.some(0.5, () => ({ maxChunkRetries: dice.whole(0, 6) })),
    ...dice.some(0.5, () => ({ samePeerRetries: dice.whole(0, 4) })),
    ...dice.some(0.3, () => ({ initialBackoffMs: dice.whole(0, 5000) })),
    ...dice.some(0.3, () => ({ backoffMultiplier: dice.of([1, 1.5, 3]) })),
    ...dice.some(0.3, () => ({ maxBackoffMs: dice.whole(0, 20_000) })),
    ...dice.some(0.3, () => ({ jitter: dice.of(["full", "keyed", 0.3]) })),
    ...dice.some(0.4, () => ({ peerFailureThreshold: dice.whole(1, 5) })),
    ...dice.some(0.4, () => ({ peerBlacklistDurationSecs: dice.of([0, 1, 20, 300]) })),
    ...dice.some(0.4, () => ({ chunkTimeoutSecs: dice.of([0.5, 3, 20]) })),
    ...dice.some(0.3, () => ({ chunkDeadlineSecs: dice.of([1, 10, 60]) })),
    ...dice.some(0.3, () => ({ maxTotalRetries: dice.whole(0, 60) })),
    ...dice.some(0.5, () => ({ maxConcurrentChunks: dice.whole(1, 24) })),
    ...dice.some(0.4, () => ({ maxChunksPerPeer: dice.whole(1, 8) })),
    ...dice.some(0.2, () => ({ requestsPerSecondPerPeer: dice.of([0.5, 5, 100]) })),
    ...dice.some(0.4, () => ({ peerWaitSecs: dice.of([0, 5, 60]) })),
  };
}
