import {
  catchError,
  connect,
  defer,
  filter,
  map,
  merge,
  type Observable,
  ReplaySubject,
  switchMap,
  take,
  takeWhile,
  throwError,
} from "rxjs";
import { notLoaded } from "../../errors/notLoaded.js";
import type { WebSocketPeer } from "./WebSocketPeer.js";
import type { SocketPeersOptions } from "./webSocketPeers.js";

const code = defer(() => import("./socketCode.js")).pipe(
  catchError((thrown: unknown) => throwError(() => notLoaded("WebSocket peers", thrown))),
);

/** As `webSocketPeers`, whose code is loaded when there is a first link: most downloads never have one. */
export function socketPeers(
  links: Observable<readonly string[]>,
  options: SocketPeersOptions,
): Observable<readonly WebSocketPeer[]> {
  const peersOf = (all: Observable<readonly string[]>): Observable<readonly WebSocketPeer[]> => {
    const none = all.pipe(
      takeWhile(({ length }) => length === 0),
      map(() => []),
    );
    const some = all.pipe(
      filter(({ length }) => length > 0),
      take(1),
      switchMap(() => code),
      switchMap(({ webSocketPeers }) => webSocketPeers(all, options)),
    );
    return merge(none, some);
  };
  return links.pipe(connect(peersOf, { connector: () => new ReplaySubject(1) }));
}
