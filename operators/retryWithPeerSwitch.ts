import type { OperatorFunction, SchedulerLike } from "rxjs";
import { Observable } from "rxjs";
import type { AttemptContext, AttemptFn } from "./attempt.js";
import type { RetryBudget } from "./retryBudget.js";
import { checkConfig } from "./retryChecks.js";
import type { RetryEvent, RetryVerdict } from "./RetryEvent.js";
import { retryPolicy } from "./retryPolicy.js";
import { RetryRun } from "./RetryRun.js";
import type { Selection } from "./selectPeer.js";

/** Every member is optional; together the defaults wait 1, 2 and 4 s, and switch before the third retry. */
export interface RetryWithPeerSwitchConfig<P> {
  /** Retries after the first attempt, 0 for none; a function is asked whenever a retry is due. @default 3 */
  readonly maxRetries?: number | (() => number);
  /** Retries on one peer before another is asked. @default 2 */
  readonly samePeerRetries?: number;
  /**
   * Wait in ms before retry n (1-based), and before the nth `continue` in a row for which everybody was asked already.
   *
   * @default 1, 2, 4, 8, 8 s ...
   */
  readonly backoff?: (retry: number, context: AttemptContext<P>) => number;
  /** Limit of one attempt, ms; `Infinity` for none. @default 60000 */
  readonly attemptTimeoutMs?: number;
  /** Limit of all attempts and waits together, ms from subscription; `Infinity` for none. @default 300000 */
  readonly deadlineMs?: number;
  /** What a failure means; `notBeforeMs` is the least wait, ms from the failure. @default every error is "retry" */
  readonly classify?: (error: unknown, context: AttemptContext<P>) => RetryVerdict | Classified;
  /** Which peer to ask next. @default `selectPeer` */
  readonly select?: (candidates: Iterable<P>, selection: Selection<P>) => P | undefined;
  /** Shared by many operators: each retry takes a token when it is due, and waits for one. */
  readonly budget?: RetryBudget;
  /** Sees every step. It may not throw; if it does, that is reported as unhandled and changes nothing. */
  readonly onEvent?: (event: RetryEvent<P>) => void;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
  /** Chance for the default backoff. @default Math.random */
  readonly random?: () => number;
}

export interface Classified {
  readonly verdict: RetryVerdict;
  /** The least wait, ms from the failure. @default 0 */
  readonly notBeforeMs?: number;
  /** The attempt got further before it broke: the deadline starts again. @default false */
  readonly progressed?: boolean;
}

/** Who can be asked, best first. A string is none: an iterable of its letters. */
export type PeerList<P> = Iterable<P> & { readonly charAt?: never };

/**
 * Asks a peer, waits, asks again, switches to another, gives up.
 *
 * The source tells who can be asked, in its simplest form `of([a, b])`: an emission means "look again" and is read only when a
 * decision is due, so that a plain array, a `Set` and a live view all fit. `attempt` is run with one peer at a time; its values pass through.
 *
 *     source   a-----------------------|        a = [A, B]
 *     A        #  #     #
 *     B                             x|
 *     result   ---------------------x|          0, 1, 3 and 7 s
 *
 * - no candidate is a wait; a source that completes with nobody left to ask ends it
 * - a peer that leaves in mid-attempt does not abort the attempt
 * - an attempt that completes without a value has failed; values already emitted are not taken back
 * - one instance serves many subscribers, each with counts of its own
 * - unsubscribing stops the attempt, the timer and the source in the same frame
 *
 * @example
 * of([mirrorA, mirrorB]).pipe(retryWithPeerSwitch((url) => fetchText(url)))
 *
 * @throws RetryGaveUpError, whose `reason` says why and whose `cause` is the last real error.
 * @throws whatever the source or a callback other than `onEvent` throws, as it is.
 * @throws TypeError or RangeError at the call for a config that cannot be.
 * @throws TypeError for a verdict that is none, and for a list of peers that is none, such as a string; RangeError for a delay that no
 * timer can keep, and for a told number of retries that is none.
 */
export function retryWithPeerSwitch<P, T>(
  attempt: AttemptFn<P, T>,
  config: RetryWithPeerSwitchConfig<P> = {},
): OperatorFunction<PeerList<P>, T> {
  checkConfig(attempt, config);
  const policy = retryPolicy(attempt, config);
  return (source) => new Observable((result) => new RetryRun(policy, result).start(source));
}
