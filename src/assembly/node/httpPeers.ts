import type { Address } from "../../protocol/Address.js";
import type { Observable } from "rxjs";
import { connectNode } from "../../adapters/http/connectNode.js";
import { httpPeers as peersBy } from "../../adapters/http/httpPeers.js";
import type { HttpPeersOptions } from "../../adapters/http/HttpPeersOptions.js";
import type { PeerSource } from "../../peers/Peer.js";

/**
 * The mirrors at these addresses, as peers of a `download` of one's own. An address that stays keeps its peer; one that vanishes has its connections
 * closed, and all are closed at unsubscribe. Requests go through the proxies that the environment names.
 *
 * Errors as `urls` does, and with the `TypeError` or `RangeError` of an address or option that is none.
 */
export function httpPeers(
  urls: Observable<readonly Address[]>,
  {
    ca,
    ...options
  }: HttpPeersOptions & {
    /** Certificate authorities for `https://`, PEM. @default Node's and the system's */
    readonly ca?: string | readonly string[] | undefined;
  } = {},
): PeerSource {
  return peersBy(urls, { ...options, connect: connectNode(ca === undefined ? {} : { ca }) });
}
