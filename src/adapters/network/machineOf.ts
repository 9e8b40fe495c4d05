import { BlockList, isIPv6 } from "node:net";
import { remoteOf } from "./remoteOf.js";

/** Addresses of IPv4 as a translator writes them, each of which is a machine's own (RFC 6052, section 2.1). */
const translated = new BlockList();
translated.addSubnet("64:ff9b::", 96, "ipv6");

/**
 * Names the machine behind an IP address, for whoever counts what each has: an IPv4 address, also one that is written as one of IPv6; of a public IPv6 address
 * its network of 64 bits, because a machine can have any address in there (RFC 4291, section 2.5.4), unless this machine is in that network, too, where others
 * are neighbours.
 *
 * @param local the end of the connection that is here
 */
export function machineOf(address: string | undefined, local?: string): string {
  const remote = remoteOf(address);
  if (remote === undefined) return "unknown";
  const isOfNetwork = remote.scope === "public" && isIPv6(remote.address) && !translated.check(remote.address, "ipv6");
  if (!isOfNetwork) return remote.address;
  const network = networkOf(remote.address);
  const here = remoteOf(local)?.address;
  return here !== undefined && isIPv6(here) && networkOf(here) === network ? remote.address : network;
}

/** The first 64 bits of a canonical address: `2001:db8:0:1::/64`. */
function networkOf(address: string): string {
  const [before = [], after = []] = address.split("::").map((groups) => groups.split(":").filter(Boolean));
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}
