import { type Observable, of } from "rxjs";
import type { AttemptFn } from "./attempt.js";
import { isList } from "./retryChecks.js";
import { shownValue } from "./checkOptions.js";
import type { PeerList } from "./retryWithPeerSwitch.js";
import { retryWithPeerSwitch } from "./retryWithPeerSwitch.js";
import type { RetryWithPeerSwitchConfig } from "./RetryWithPeerSwitchConfig.js";

/**
 * `retryWithPeerSwitch` for just these peers, best first: an array, a `Set` or any other list.
 *
 *     askPeers([mirrorA, mirrorB], (url, { signal }) => fetch(url, { signal }))
 *
 * Cold: each subscription starts with the first peer and counts of its own. Errors and stops as `retryWithPeerSwitch` does.
 *
 * @throws TypeError or RangeError at the call for a config that cannot be, and for a list that is none, such as a string or an observable.
 */
export function askPeers<P, T>(
  peers: PeerList<P>,
  attempt: AttemptFn<P, T>,
  config: RetryWithPeerSwitchConfig<P> = {},
): Observable<T> {
  if (!isList(peers)) {
    throw new TypeError(`the peers are ${shownValue(peers)}; they must be a list, such as [peerA, peerB]`);
  }
  return of(peers).pipe(retryWithPeerSwitch<P, T>(attempt, config));
}
