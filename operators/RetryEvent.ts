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
  /** A peer is asked. */
  | {
      readonly type: "attempt";
      /** The peer that is asked, failed, or had the value. */
      readonly peer: P;
      /** Number of the attempt, from 0. */
      readonly attempt: number;
    }
  /** An attempt ended without a value. */
  | {
      readonly type: "failed";
      readonly peer: P;
      /** The error as it was thrown. */
      readonly error: unknown;
      /** Next step, as `classify` says. */
      readonly verdict: RetryVerdict;
    }
  /** A retry has been used; it waits. */
  | {
      readonly type: "retry";
      /** Number of the retry, from 1. */
      readonly retry: number;
      /** Retries in force. */
      readonly maxRetries: number;
      /** Length of the wait, ms. */
      readonly delayMs: number;
      readonly peer: P;
    }
  /** Another peer is asked than before. */
  | {
      readonly type: "switch";
      /** The peer that is left. */
      readonly from: P;
      /** The peer that is asked now. */
      readonly to: P;
      /** Cause, in a word. */
      readonly reason: string;
    }
  /** A second peer is asked in the same attempt. */
  | {
      readonly type: "hedge";
      /** The peer that was asked last. */
      readonly primary: P;
      /** The peer that is asked, too. */
      readonly backup: P;
      readonly reason: string;
    }
  /** No peer can be asked: the list is empty, or all of them rest. */
  | { readonly type: "starved" }
  /** The common budget of retries is empty: it is waited for. */
  | { readonly type: "budget-wait" }
  /** An attempt brought its value. */
  | {
      readonly type: "success";
      readonly peer: P;
      /** Attempts that it took. */
      readonly attempts: number;
    }
  /** The end of all attempts; an error follows. */
  | { readonly type: "gave-up"; readonly reason: GiveUpReason };

/** One step of `retryWithPeerSwitch`. */
export type RetryEvent<P> = UntimedRetryEvent<P> & {
  /** Scheduler time, ms. */
  readonly at: number;
};
