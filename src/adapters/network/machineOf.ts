import { isIPv6 } from "node:net";
import { remoteOf } from "./remoteOf.js";

/** Addresses of IPv4 as a translator writes them, each of which is a machine's own (RFC 6052, section 2.1). */
const translated = "64:ff9b::";

/**
 * Names the machine behind an IP address, for whoever counts what each has: an IPv4 address, also one that is written as one of IPv6; of a public IPv6 address its
 * network of 64 bits, because a machine can have any address in there (RFC 4291, section 2.5.4), unless this machine is in that network, too, where others are neighbours.
 *
 * @param local the end of the connection that is here
 */
export function machineOf(address: string | undefined, local?: string): string {
  const remote = remoteOf(address);
  if (remote === undefined) return "unknown";
  const isOfNetwork = remote.scope === "public" && isIPv6(remote.address) && !remote.address.startsWith(translated);
  if (!isOfNetwork) return remote.address;
  const network = networkOf(remote.address);
  return local !== undefined && isIPv6(local) && networkOf(local) === network ? remote.address : network;
}

/** The first 64 bits: `2001:db8:0:1::/64`. */
function networkOf(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  // What `::` stands for counts only where it begins within the first half.
  const last = tail === undefined || tail === "" ? 0 : tail.split(":").length + (tail.includes(".") ? 1 : 0);
  const zeros = tail === undefined ? 0 : 8 - groups.length - last;
  const all = [...groups, ...Array<string>(zeros).fill("0"), ...(tail ?? "").split(":")];
  const first = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(":")}::/64`;
}
