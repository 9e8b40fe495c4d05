import type { Observable } from "rxjs";
import { livePeers } from "../../peers/livePeers.js";
import { parsePeerLink } from "../../protocol/PeerLink.js";
import type { Dial } from "./Dial.js";
import type { WebSocketPeersOptions } from "./WebSocketPeersOptions.js";
import { WebSocketPeer } from "./WebSocketPeer.js";

/**
 * The peers behind links of the form `ws://host:port/ROOT`, as a `PeerSource`. A link that stays keeps its peer; one that
 * vanishes has its connection dropped at once, and all are dropped at unsubscribe. Also emits, with the same peers, when
 * a peer told that it has other chunks now. Completes when `links` does, and then the connections stay for the peers that were
 * handed out.
 *
 * Errors as `links` does, and with the `TypeError` of a link that is none.
 */
export function webSocketPeers(
  links: Observable<readonly string[]>,
  { publicOnly = () => false, ...options }: WebSocketPeersOptions & { readonly dial: Dial },
): Observable<readonly WebSocketPeer[]> {
  return livePeers(links, {
    keyOf: (link) => parsePeerLink(link).url,
    make: (link) => new WebSocketPeer(link, { ...options, publicOnly: publicOnly(parsePeerLink(link).id) }),
    changesOf: (peer) => peer.haveChanges,
    closeWhen: options.closeWhen,
  });
}
