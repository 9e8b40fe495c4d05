import type { RetryConfig } from "./RetryConfig.js";

const leastMs = 1000;

/** Time between two questions to those who cannot be reached, while others are waited for, ms: the longest wait before a retry, and no less than a second. */
export function askAgainMs({ maxBackoffMs }: Pick<RetryConfig, "maxBackoffMs">): number {
  return Math.max(leastMs, maxBackoffMs);
}
