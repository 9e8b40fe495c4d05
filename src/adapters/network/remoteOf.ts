import { isIPv6, SocketAddress } from "node:net";
import type { RemoteAddress } from "../../protocol/Scope.js";
import { scopeOf } from "./scopeOf.js";

/**
 * The other end of a socket, by the address that Node has for it, in its one canonical form (RFC 5952) without a zone; an IPv4 address that is written as one
 * of IPv6 becomes what it is.
 */
export function remoteOf(address: string | undefined): RemoteAddress | undefined {
  if (address === undefined) return undefined;
  const plain = isIPv6(address) ? canonical(address) : address;
  return { address: plain, scope: scopeOf(plain) };
}

function canonical(ipv6: string): string {
  const { address } = new SocketAddress({ address: ipv6, family: "ipv6" });
  return address.replace(/^::ffff:(?=[\d.]+$)/, "");
}
