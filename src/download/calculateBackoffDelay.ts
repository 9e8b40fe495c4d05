import { exponentialBackoff } from "../../operators/backoff.js";
import type { RetryConfig } from "./RetryConfig.js";
import { resolveRetryConfig } from "./RetryConfig.js";

/**
 * Milliseconds to wait before a retry, 1 for the first: 1000, 2000, 4000, 8000, 8000 ms by default.
 *
 * @throws RangeError when `retry` is not a whole number from 1, or an option is out of range.
 */
export function calculateBackoffDelay(retry: number, config: Partial<RetryConfig> = {}): number {
  const {
    initialBackoffMs: initialMs,
    backoffMultiplier: multiplier,
    maxBackoffMs: maxMs,
    jitter,
  } = resolveRetryConfig(config);
  return exponentialBackoff({ initialMs, multiplier, maxMs, jitter })(retry);
}
