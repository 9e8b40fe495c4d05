import type { Observable } from "rxjs";
import { livePeers } from "../../peers/livePeers.js";
import { HttpPeer } from "./HttpPeer.js";
import type { HttpPeerOptions } from "./HttpPeerOptions.js";
import { parseMirror } from "../../protocol/parseMirror.js";

export interface HttpPeersOptions extends Omit<HttpPeerOptions, "publicOnly"> {
  /** Tells of which peers, by their names, `publicOnly` is true. @default of none */
  readonly publicOnly?: (id: string) => boolean;
  /**
   * Closes all peers when it emits. Needed where `urls` completes: the peers outlive the completed source, and an unsubscribe can no
   * longer reach them. @default never
   */
  readonly closeWhen?: Observable<unknown>;
}

/**
 * The mirrors at these addresses, as a `PeerSource`; see `livePeers`. An address that differs only in user, password or fragment is the same
 * mirror. Also emits, with the same peers, when one showed that it serves no ranges.
 *
 * Errors as `urls` does, and with the `TypeError` or `RangeError` of an address or option that is none.
 */
export function httpPeers(
  urls: Observable<readonly string[]>,
  { publicOnly = () => false, ...options }: HttpPeersOptions,
): Observable<readonly HttpPeer[]> {
  return livePeers(urls, {
    keyOf: (url) => parseMirror(url).id,
    make: (url) => new HttpPeer(url, { ...options, publicOnly: publicOnly(parseMirror(url).id) }),
    changesOf: (peer) => peer.changes,
    closeWhen: options.closeWhen,
  });
}
