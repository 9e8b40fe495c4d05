import type { Address } from "../../protocol/Address.js";
import type { Observable } from "rxjs";
import { connectBrowser } from "../../adapters/http/connectBrowser.js";
import { httpPeers as peersBy } from "../../adapters/http/httpPeers.js";
import type { HttpPeersOptions } from "../../adapters/http/HttpPeersOptions.js";
import type { PeerSource } from "../../peers/Peer.js";

/**
 * The mirrors at these addresses, as peers of a `download` of one's own. An address that stays keeps its peer; one that vanishes has its requests
 * given up, and all are given up at unsubscribe.
 *
 * Errors as `urls` does, and with the `TypeError` or `RangeError` of an address or option that is none.
 */
export function httpPeers(
  urls: Observable<readonly Address[]>,
  {
    fetch,
    ...options
  }: HttpPeersOptions & {
    /** @default the global `fetch` */
    readonly fetch?: typeof globalThis.fetch | undefined;
  } = {},
): PeerSource {
  return peersBy(urls, { ...options, connect: connectBrowser(fetch && { fetch }) });
}
