import {
  catchError,
  defer,
  EMPTY,
  filter,
  finalize,
  map,
  mergeMap,
  type Observable,
  switchMap,
  takeUntil,
  timer,
} from "rxjs";
import type { WebSocketPeerOptions } from "../../adapters/websocket/PeerOptions.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";

/** Downloads without links have no use for it; those that have some have loaded it. */
const code = defer(() => import("../../adapters/websocket/WebSocketPeer.js")).pipe(
  map(({ WebSocketPeer }) => WebSocketPeer),
);

/** Peers remember for twice as long where a file is served. */
const everyMs = 300_000;
/** Time for the word to go out, ms. */
const idleMs = 1000;

/**
 * Goes on telling the peers behind links at which door their file is served here, when the download that asked them is over: otherwise they would forget those who have all of
 * it. Completes when it is served no more; a peer that cannot be reached is told the next time.
 */
export function tellOn(
  links: readonly string[],
  shared: SharedFiles,
  options: Pick<WebSocketPeerOptions, "dial" | "tokens">,
  periodMs = everyMs,
): Observable<never> {
  if (links.length === 0) return EMPTY;
  return code.pipe(
    switchMap((WebSocketPeer) => {
      const exchange = { door: shared.door, hear: () => undefined, unanswered: () => undefined };
      const peers = links.map((link) => new WebSocketPeer(link, { ...options, exchange, idleMs }));
      const shut = shared.door.pipe(filter((door) => door === undefined));
      return timer(periodMs, periodMs).pipe(
        mergeMap(() => peers),
        mergeMap((peer) => peer.greet().pipe(catchError(() => EMPTY))),
        takeUntil(shut),
        finalize(() => {
          for (const peer of peers) peer.close();
        }),
      );
    }),
  );
}
