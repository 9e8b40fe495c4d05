import {
  catchError,
  combineLatest,
  connect,
  EMPTY,
  endWith,
  from,
  groupBy,
  map,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  ReplaySubject,
  startWith,
  tap,
} from "rxjs";
import type { PeerOrigin } from "../../peers/NamedAddress.js";
import type { PeerExchange } from "../../protocol/PeerExchange.js";
import type { WebSocketPeer } from "./WebSocketPeer.js";

/** Peers that are dialled at a time, of those that came to be known in one way: strangers who do not answer keep nobody else waiting. */
const dialsAtOnce = 16;

export interface OnceGreetedConfig {
  /** True for a peer that is dialled before it is there. */
  readonly isKnocked: (id: string) => boolean;
  /**
   * True for one of whom others only told: it is there once it has greeted, and not before. Any other that does not greet is there all the same, and fails as
   * others do.
   */
  readonly isTold: (id: string) => boolean;
  /** The way by which a peer came to be known. */
  readonly sourceOf: (id: string) => PeerOrigin;
  readonly unanswered: PeerExchange["unanswered"];
}

/**
 * The peers, each once it is known that it greets: who is not there costs a dial, and no request waits for it. One that others told of and that does not
 * greet is told to `unanswered`. One that is this download itself is never there.
 */
export function onceGreeted({
  isKnocked,
  isTold,
  sourceOf,
  unanswered,
}: OnceGreetedConfig): OperatorFunction<readonly WebSocketPeer[], readonly WebSocketPeer[]> {
  const greeting = (peer: WebSocketPeer): Observable<WebSocketPeer> =>
    peer.greet().pipe(
      endWith(peer),
      catchError(() => {
        if (peer.isOwn) return EMPTY;
        if (!isTold(peer.id)) return of(peer);
        unanswered(peer.id);
        return EMPTY;
      }),
    );
  const knocking = (lists: Parameters<ReturnType<typeof onceGreeted>>[0]) => {
    const dialled = new WeakSet<WebSocketPeer>();
    const isThere = new WeakSet<WebSocketPeer>();
    const knocks = lists.pipe(
      mergeMap((all) => from(all.filter((peer) => isKnocked(peer.id) && !dialled.has(peer)))),
      tap((peer) => dialled.add(peer)),
      groupBy((peer) => sourceOf(peer.id)),
      mergeMap((ofOneWay) => ofOneWay.pipe(mergeMap(greeting, dialsAtOnce))),
      tap((peer) => isThere.add(peer)),
      startWith(undefined),
    );
    return combineLatest([lists, knocks]).pipe(
      map(([all]) => all.filter((peer) => !isKnocked(peer.id) || isThere.has(peer))),
    );
  };
  return (lists) => lists.pipe(connect(knocking, { connector: () => new ReplaySubject(1) }));
}
