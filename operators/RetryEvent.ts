import type { GiveUpReason } from "./RetryGaveUpError.js";

/** The step after a failed attempt. */
export type RetryVerdict =
  /** Transient: wait, then ask again. Uses a retry. */
  | "retry"
  /** Permanent for this peer: go on at once with another. Uses no retry. */
  | "switch"
  /** Permanent for all: give up. */
  | "fail"
  /**
   * A failure of nobody: go on with another peer if there is one, at once if it was not asked since the last value, else after the backoff of
   * that many in a row. Uses no retry.
   */
  | "continue";

/** An event that has not been stamped with its time yet. */
export type UntimedRetryEvent<P> =
  | { readonly type: "attempt"; readonly peer: P; readonly attempt: number }
  | { readonly type: "failed"; readonly peer: P; readonly error: unknown; readonly verdict: RetryVerdict }
  | {
      readonly type: "retry";
      readonly retry: number;
      /** The number in force. */
      readonly maxRetries: number;
      readonly delayMs: number;
      /** The peer that failed. */
      readonly peer: P;
    }
  | { readonly type: "switch"; readonly from: P; readonly to: P; readonly reason: string }
  | { readonly type: "hedge"; readonly primary: P; readonly backup: P; readonly reason: string }
  | { readonly type: "starved" | "budget-wait" }
  | { readonly type: "success"; readonly peer: P; readonly attempts: number }
  | { readonly type: "gave-up"; readonly reason: GiveUpReason };

/** One step of `retryWithPeerSwitch`; `at` is scheduler time, ms. */
export type RetryEvent<P> = UntimedRetryEvent<P> & { readonly at: number };
