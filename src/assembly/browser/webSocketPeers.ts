import type { Address } from "../../protocol/Address.js";
import type { Observable } from "rxjs";
import { dialBrowser, type WebSocketConstructor } from "../../adapters/websocket/dialBrowser.js";
import { webSocketPeers as peersBy } from "../../adapters/websocket/webSocketPeers.js";
import type { WebSocketPeersOptions } from "../../adapters/websocket/WebSocketPeersOptions.js";
import type { PeerSource } from "../../peers/Peer.js";

/**
 * The seeders behind links of the form `ws://host:port/ROOT`, as peers of a `download` of one's own. A link that stays keeps its peer; one that
 * vanishes has its connection dropped at once, and all are dropped at unsubscribe.
 *
 * Errors as `links` does, and with the `TypeError` or `RangeError` of a link or option that is none.
 */
export function webSocketPeers(
  links: Observable<readonly Address[]>,
  {
    webSocket,
    ...options
  }: WebSocketPeersOptions & {
    /** @default the global `WebSocket` */
    readonly webSocket?: WebSocketConstructor | undefined;
  } = {},
): PeerSource {
  return peersBy(links, { ...options, dial: dialBrowser(webSocket) });
}
