import type { RetryBudget } from "../../operators/retryBudget.js";

/** As many last retries have tokens kept for them. */
const kept = 2;

/**
 * A chunk's view of the budget: its early retries leave tokens for the last ones of all chunks. Otherwise the first retries of
 * many chunks that failed together would use up the bucket, and the news that nobody answers would come late.
 */
export function lastRetriesFirst(budget: RetryBudget, retriesLeft: () => number): RetryBudget {
  return {
    get tokens() {
      return budget.tokens;
    },
    succeeded: () => budget.succeeded(),
    take: (cost) => budget.take(cost, Math.min(kept, retriesLeft())),
    tryTake: (cost, keepAbove) => budget.tryTake(cost, keepAbove),
  };
}
