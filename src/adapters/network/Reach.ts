import dns, { type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { DownloadError } from "../../errors/DownloadError.js";
import { isPrivate, isPrivateAddress } from "./isPrivate.js";

/** Where requests may lead, which is decided when a connection is made: then alone it is known what a name leads to. */
export interface Reach {
  /** Throws `PEER_REJECTED` for an address whose words lead elsewhere: Node looks up no name where there is none, and a proxy does it out of sight. */
  readonly check: (url: string, peer: string) => void;
  /** How sockets are dialled. */
  readonly dialling: { readonly lookup?: LookupFunction };
}

export const anywhere: Reach = { check: () => undefined, dialling: {} };

/**
 * The reach of what strangers name: neither this machine nor its private networks, by no word, no redirect and no answer of a name server, whenever it is
 * asked. Of a name's addresses the public ones are left; one that has no other is as if it refused connections, for ever.
 */
export const publicOnly: Reach = {
  check: (url, peer) => {
    if (!isPrivate(url)) return;
    const { host } = new URL(url);
    const text = `${peer} leads to ${host}, an address of this machine or a private network, expected a public one, as it was named from outside`;
    throw new DownloadError("PEER_REJECTED", text, { peer });
  },
  dialling: {
    lookup: (host, options, done) => {
      dns.lookup(host, { ...options, all: true }, (error, found) => {
        const [first, ...others] = error === null ? found.filter(({ address }) => !isPrivateAddress(address)) : [];
        if (first === undefined) done(error ?? refusal(host, found), []);
        else if (options.all === true) done(null, [first, ...others]);
        else done(null, first.address, first.family);
      });
    },
  },
};

function refusal(host: string, found: readonly LookupAddress[]): Error {
  const addresses = found.map(({ address }) => address).join(", ");
  const text = `${host} has only addresses of this machine or a private network (${addresses}), expected a public one, as it was named from outside`;
  return Object.assign(new Error(text), { code: "EPRIVATE" });
}
