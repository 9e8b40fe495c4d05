import type { RemoteAddress } from "../../protocol/Scope.js";
import { scopeOf } from "./scopeOf.js";

/** The other end of a socket, by the address that Node has for it; an IPv4 address that is written as one of IPv6 becomes what it is. */
export function remoteOf(address: string | undefined): RemoteAddress | undefined {
  if (address === undefined) return undefined;
  const [withoutZone = ""] = address.split("%");
  const plain = withoutZone.replace(/^::ffff:(?=[\d.]+$)/i, "");
  return { address: plain, scope: scopeOf(plain) };
}
