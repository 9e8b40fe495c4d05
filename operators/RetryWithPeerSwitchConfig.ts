import type { SchedulerLike } from "rxjs";
import type { AttemptContext } from "./attempt.js";
import type { RetryBudget } from "./retryBudget.js";
import type { RetryEvent, RetryVerdict } from "./RetryEvent.js";
import type { Selection } from "./selectPeer.js";
import type { SharedHealth } from "./sharedHealth.js";

/** Every member is optional; together the defaults wait 1, 2 and 4 s, and switch before the third retry. */
export interface RetryWithPeerSwitchConfig<P> {
  /** Retries after the first attempt, 0 for none; a function is asked whenever a retry is due. @default 3 */
  readonly maxRetries?: (number | (() => number)) | undefined;
  /** Retries on one peer before another is asked. @default 2 */
  readonly samePeerRetries?: number | undefined;
  /**
   * Wait in ms before retry n (1-based), and before the nth `continue` in a row for which everybody was asked already.
   *
   * @default 1, 2, 4, 8, 8 s ...
   */
  readonly backoff?: ((retry: number, context: AttemptContext<P>) => number) | undefined;
  /** Limit of one attempt, ms; `Infinity` for none. @default 60000 */
  readonly attemptTimeoutMs?: number | undefined;
  /** Limit of all attempts and waits together, ms from subscription; `Infinity` for none. @default 300000 */
  readonly deadlineMs?: number | undefined;
  /** The meaning of a failure; `notBeforeMs` and `restMs` are waits, ms from the failure. @default every error is "retry" */
  readonly classify?: ((error: unknown, context: AttemptContext<P>) => RetryVerdict | Classified) | undefined;
  /** The peer to ask next. @default `selectPeer` */
  readonly select?: ((candidates: Iterable<P>, selection: Selection<P>) => P | undefined) | undefined;
  /** Shared by many operators: each retry takes a token when it is due, and waits for one. @default none */
  readonly budget?: RetryBudget | undefined;
  /** Shared by many operators: what one of them learns of a peer, such as `sharedHealth()`, spares it the others. @default none */
  readonly health?: SharedHealth | undefined;
  /** Sees every step. A listener may not throw; if one does, that is reported as unhandled and changes nothing. @default none */
  readonly onEvent?: ((event: RetryEvent<P>) => void) | undefined;
  /** Where time comes from. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
  /** Chance for the default backoff. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** A verdict, and what goes with it. */
export interface Classified {
  readonly verdict: RetryVerdict;
  /** The least wait before anybody is asked, ms from the failure. @default 0 */
  readonly notBeforeMs?: number | undefined;
  /**
   * The least time before this peer is asked again, ms from the failure (`Retry-After`); the others are not kept waiting. With `continue` the
   * call goes on with one of them at once, and waits only when all rest. With `health` the peer rests for all calls, and it is no failure of
   * the peer. @default 0
   */
  readonly restMs?: number | undefined;
  /** The attempt got further before it broke: the deadline starts again. @default false */
  readonly progressed?: boolean | undefined;
}
