import type { Observable } from "rxjs";
import { livePeers } from "../../peers/livePeers.js";
import { HttpPeer } from "./HttpPeer.js";
import type { ConnectHttp } from "./HttpLine.js";
import type { HttpPeersOptions } from "./HttpPeersOptions.js";
import { parseMirror } from "../../protocol/parseMirror.js";

/**
 * The mirrors at these addresses, as a `PeerSource`; see `livePeers`. An address that differs only in user, password or fragment is the same
 * mirror. Also emits, with the same peers, when one showed that it serves no ranges.
 *
 * Errors as `urls` does, and with the `TypeError` or `RangeError` of an address or option that is none.
 */
export function httpPeers(
  urls: Observable<readonly string[]>,
  { publicOnly = () => false, ...options }: HttpPeersOptions & { readonly connect: ConnectHttp },
): Observable<readonly HttpPeer[]> {
  return livePeers(urls, {
    keyOf: (url) => parseMirror(url).id,
    make: (url) => new HttpPeer(url, { ...options, publicOnly: publicOnly(parseMirror(url).id) }),
    changesOf: (peer) => peer.changes,
    closeWhen: options.closeWhen,
  });
}
