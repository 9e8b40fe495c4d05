import {
  catchError,
  combineLatest,
  connect,
  EMPTY,
  endWith,
  from,
  map,
  mergeMap,
  type OperatorFunction,
  ReplaySubject,
  startWith,
  tap,
} from "rxjs";
import type { PeerExchange } from "../../protocol/PeerExchange.js";
import type { WebSocketPeer } from "./WebSocketPeer.js";

/** Peers that are dialled at a time. */
const dialsAtOnce = 16;

/**
 * The peers without those that others only told of, as long as these have not greeted: who is not there costs a dial, and no request waits for it. One that does not
 * greet is told to `unanswered`.
 */
export function onceGreeted(
  isTold: (id: string) => boolean,
  unanswered: PeerExchange["unanswered"],
): OperatorFunction<readonly WebSocketPeer[], readonly WebSocketPeer[]> {
  const knocking = (lists: Parameters<ReturnType<typeof onceGreeted>>[0]) => {
    const dialled = new WeakSet<WebSocketPeer>();
    const greeted = new WeakSet<WebSocketPeer>();
    const knocks = lists.pipe(
      mergeMap((all) => from(all.filter((peer) => isTold(peer.id) && !dialled.has(peer)))),
      tap((peer) => dialled.add(peer)),
      mergeMap(
        (peer) =>
          peer.greet().pipe(
            endWith(peer),
            catchError(() => {
              unanswered(peer.id);
              return EMPTY;
            }),
          ),
        dialsAtOnce,
      ),
      tap((peer) => greeted.add(peer)),
      startWith(undefined),
    );
    return combineLatest([lists, knocks]).pipe(
      map(([all]) => all.filter((peer) => !isTold(peer.id) || greeted.has(peer))),
    );
  };
  return (lists) => lists.pipe(connect(knocking, { connector: () => new ReplaySubject(1) }));
}
