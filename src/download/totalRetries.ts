import { defer, of, throwError } from "rxjs";
import type { RetryBudget } from "../../operators/retryBudget.js";
import type { RetryAllowance } from "../transfer/TransferParts.js";

/** A leg beside a living one leaves so much of a full bucket. */
const hedgeShare = 0.5;

/**
 * A hard end to retries over all chunks, on top of a bucket that only slows them. `take` errors when `most` were taken. Without a
 * bucket nothing is slowed.
 */
export function totalRetries(most: number, bucket: RetryBudget | undefined, capacity = 0): RetryAllowance {
  let taken = 0;
  return {
    get tokens() {
      return bucket?.tokens ?? Infinity;
    },
    succeeded: () => bucket?.succeeded(),
    take: (cost) =>
      defer(() =>
        taken++ < most
          ? (bucket?.take(cost) ?? of(undefined))
          : throwError(() => new Error(`all ${most} retries of this download are used up`)),
      ),
    tryTake: (cost, keepAbove) => bucket?.tryTake(cost, keepAbove) ?? true,
    tryReplace: () => {
      const paid = taken < most && (bucket?.tryTake() ?? true);
      if (paid) taken++;
      return paid;
    },
    tryHedge: () => bucket?.tryTake(1, hedgeShare * capacity) ?? true,
  };
}
