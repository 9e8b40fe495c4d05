import type { ConnectHttp } from "./HttpLine.js";
import type { HttpPeersOptions } from "./HttpPeersOptions.js";
import { checkOptions, checkShape, type OptionShapes } from "../../../operators/checkOptions.js";
import { aFunction, anObservable } from "../../../operators/optionShapes.js";
import { type Address, addressText } from "../../protocol/Address.js";
import { map, type Observable } from "rxjs";
import { livePeers } from "../../peers/livePeers.js";
import { HttpPeer } from "./HttpPeer.js";
import { httpPeerShapes } from "./HttpPeerOptions.js";
import { parseMirror } from "../../protocol/parseMirror.js";

const shapes: OptionShapes<HttpPeersOptions & { readonly connect: ConnectHttp }> = {
  ...httpPeerShapes,
  publicOnly: aFunction,
  sourceOf: aFunction,
  closeWhen: anObservable("signals to close"),
};

/**
 * The mirrors at these addresses, as a `PeerSource`; see `livePeers`. An address that differs only in user, password or fragment is the same
 * mirror. Also emits, with the same peers, when one showed that it serves no ranges.
 *
 * Errors as `urls` does, and with the `TypeError` or `RangeError` of an address or option that is none.
 */
export function httpPeers(
  urls: Observable<readonly Address[]>,
  options: HttpPeersOptions & { readonly connect: ConnectHttp },
): Observable<readonly HttpPeer[]> {
  checkShape("urls", urls, anObservable("lists of addresses"));
  checkOptions("httpPeers", options, shapes);
  const { publicOnly = () => false, sourceOf = () => "link", closeWhen, ...each } = options;
  return livePeers(urls.pipe(map((all) => all.map(addressText))), {
    keyOf: (url) => parseMirror(url).id,
    make: (url) => {
      const { id } = parseMirror(url);
      return new HttpPeer(url, { ...each, publicOnly: publicOnly(id), source: sourceOf(id) });
    },
    changesOf: (peer) => peer.changes,
    ...(closeWhen && { closeWhen }),
  });
}
