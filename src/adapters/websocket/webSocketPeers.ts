import type { WebSocketPeersOptions } from "./WebSocketPeersOptions.js";
import { checkOptions, checkShape, type OptionShapes } from "../../../operators/checkOptions.js";
import { aFunction, anObservable } from "../../../operators/optionShapes.js";
import { type Address, addressText } from "../../protocol/Address.js";
import { map, type Observable } from "rxjs";
import { livePeers } from "../../peers/livePeers.js";
import { parsePeerLink } from "../../protocol/PeerLink.js";
import { type WebSocketPeerOptions, webSocketPeerShapes } from "./PeerOptions.js";
import { onceGreeted } from "./onceGreeted.js";
import { WebSocketPeer } from "./WebSocketPeer.js";

/** The options with those that no user gives. */
export interface SocketPeersOptions
  extends WebSocketPeersOptions, Pick<WebSocketPeerOptions, "dial" | "exchange" | "isOwn"> {}

const shapes: OptionShapes<SocketPeersOptions> = {
  ...webSocketPeerShapes,
  publicOnly: aFunction,
  sourceOf: aFunction,
  closeWhen: anObservable("signals to close"),
};

/**
 * The peers behind links of the form `ws://host:port/ROOT`, as a `PeerSource`. A link that stays keeps its peer; one that
 * vanishes has its connection dropped at once, and all are dropped at unsubscribe. Also emits, with the same peers, when
 * a peer told that it has other chunks now. Completes when `links` does, and then the connections stay for the peers that were
 * handed out.
 *
 * Errors as `links` does, and with the `TypeError` of a link that is none.
 */
export function webSocketPeers(
  links: Observable<readonly Address[]>,
  options: SocketPeersOptions,
): Observable<readonly WebSocketPeer[]> {
  checkShape("links", links, anObservable("lists of links"));
  checkOptions("webSocketPeers", options, shapes);
  const { publicOnly = () => false, sourceOf = () => "link", closeWhen, ...each } = options;
  const { exchange, isOwn } = each;
  const peers = livePeers(links.pipe(map((all) => all.map(addressText))), {
    keyOf: (link) => parsePeerLink(link).url,
    make: (link) => {
      const { id } = parsePeerLink(link);
      return new WebSocketPeer(link, { ...each, publicOnly: publicOnly(id), source: sourceOf(id) });
    },
    changesOf: (peer) => peer.changes,
    ...(closeWhen && { closeWhen }),
  });
  const isTold = (id: string): boolean => exchange !== undefined && ["exchange", "record"].includes(sourceOf(id));
  // Where a server of ours could be met, nobody joins before it is known that he is somebody else.
  const isKnocked = (id: string): boolean => isOwn !== undefined || isTold(id);
  if (exchange === undefined && isOwn === undefined) return peers;
  return peers.pipe(onceGreeted({ isKnocked, isTold, sourceOf, unanswered: (id) => exchange?.unanswered(id) }));
}
