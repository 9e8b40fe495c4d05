import { defer, finalize, of, tap, throwError } from "rxjs";
import type { RetryBudget } from "../../operators/retryBudget.js";
import type { RetryAllowance } from "../transfer/TransferParts.js";

/** A leg beside a living one leaves so much of a full bucket. */
const hedgeShare = 0.5;

/**
 * A hard end to retries over all chunks, on top of a bucket that only slows them. `take` errors when `most` were taken; a wait that
 * is given up has taken none. Spent when all were taken. Without a bucket nothing is slowed.
 */
export function totalRetries(most: number, bucket: RetryBudget | undefined, capacity = 0): RetryAllowance {
  let taken = 0;
  return {
    get tokens() {
      return bucket?.tokens ?? Infinity;
    },
    get isSpent() {
      return taken >= most;
    },
    succeeded: () => bucket?.succeeded(),
    take: (cost) =>
      defer(() => {
        if (taken >= most) return throwError(() => new Error(`all ${most} retries of this download are used up`));
        taken++;
        let granted = false;
        return (bucket?.take(cost) ?? of(undefined)).pipe(
          tap(() => (granted = true)),
          finalize(() => {
            if (!granted) taken--;
          }),
        );
      }),
    tryTake: (cost, keepAbove) => bucket?.tryTake(cost, keepAbove) ?? true,
    tryReplace: () => {
      const paid = taken < most && (bucket?.tryTake() ?? true);
      if (paid) taken++;
      return paid;
    },
    tryHedge: () => bucket?.tryTake(1, hedgeShare * capacity) ?? true,
  };
}
