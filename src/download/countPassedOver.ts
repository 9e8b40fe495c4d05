import type { Observable } from "rxjs";
import { EMPTY, ignoreElements, merge, switchMap, tap } from "rxjs";
import type { Peer } from "../peers/Peer.js";
import type { ByteMeter } from "../transfer/TransferParts.js";

/**
 * Counts what comes from the peers of the last list though nobody wants it: from one with ranges, the rest of a request that was
 * cancelled, which somebody else brings too; from one without, what lies before the range. Until it is unsubscribed.
 */
export function countPassedOver(lists: Observable<readonly Peer[]>, meter: ByteMeter): Observable<never> {
  const counted = (peer: Peer): Observable<number> =>
    (peer.passedOver ?? EMPTY).pipe(
      tap((bytes) => {
        meter.received(peer.id, bytes);
        meter.wasted(peer.ranges ? "duplicate" : "restart", bytes);
      }),
    );
  return lists.pipe(
    switchMap((peers) => merge(...peers.map(counted))),
    ignoreElements(),
  );
}
