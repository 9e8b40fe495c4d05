import type { OperatorFunction } from "rxjs";
import { Observable } from "rxjs";
import type { AttemptFn } from "./attempt.js";
import { checkConfig } from "./retryChecks.js";
import { retryPolicy } from "./retryPolicy.js";
import { RetryRun } from "./RetryRun.js";
import type { RetryWithPeerSwitchConfig } from "./RetryWithPeerSwitchConfig.js";

/** The peers that can be asked, best first. A string is none: an iterable of its letters. */
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
