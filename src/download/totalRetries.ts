import { defer, of, throwError } from "rxjs";
import type { RetryBudget } from "../../operators/retryBudget.js";

/** A hard end to retries over all chunks, on top of a bucket that only slows them; errors when `most` were taken. */
export function totalRetries(most: number, bucket: RetryBudget | undefined): RetryBudget {
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
  };
}
