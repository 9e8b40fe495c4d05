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
import type { FileRequest } from "../../discovery/FileRequest.js";
import { Strangers } from "../../discovery/Strangers.js";
import { noncesOf } from "../../seeder/noncesOf.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";

/** Downloads without links have no use for it; those that have some have loaded it. */
const code = defer(() => import("../../adapters/websocket/socketCode.js")).pipe(
  map(({ WebSocketPeer }) => WebSocketPeer),
);

/** Peers remember for twice as long where a file is served. */
const everyMs = 300_000;
/** Time for the word to go out, ms. */
const idleMs = 1000;

/**
 * Goes on telling the peers that were named at which door their file is served here, when the download that asked them is over: otherwise they would forget
 * those who have all of it. Completes when it is served no more; a peer that cannot be reached is told the next time.
 */
export function tellOn(
  file: Pick<FileRequest, "root" | "places" | "mirrors" | "named">,
  shared: SharedFiles,
  options: Pick<WebSocketPeerOptions, "dial" | "tokens">,
  periodMs = everyMs,
): Observable<never> {
  const { root = "", places } = file;
  if (places.length === 0) return EMPTY;
  return code.pipe(
    switchMap((WebSocketPeer) => {
      const exchange = { door: shared.door, hear: () => undefined, unanswered: () => undefined };
      const nonces = noncesOf(shared);
      const isOwn = (nonce: string): boolean => nonces.has(nonce);
      const strangers = new Strangers(file);
      const peers = places.map((place) => {
        const given = { ...options, exchange, isOwn, idleMs, publicOnly: strangers.has(place) };
        return new WebSocketPeer(`${place}/${root}`, given);
      });
      const shut = shared.door.pipe(filter((door) => door === undefined));
      return timer(periodMs, periodMs).pipe(
        mergeMap(() => peers.filter((peer) => !peer.isOwn)),
        mergeMap((peer) => peer.greet().pipe(catchError(() => EMPTY))),
        takeUntil(shut),
        finalize(() => {
          for (const peer of peers) peer.close();
        }),
      );
    }),
  );
}
