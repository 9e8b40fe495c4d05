import { BlockList } from "node:net";
import { networkInterfaces } from "node:os";

/** True for an IPv4 address of a network that this machine is in itself, as they are now: nobody farther away speaks for a local network (RFC 6762, 11). */
export function onLink(address: string): boolean {
  const list = new BlockList();
  for (const each of Object.values(networkInterfaces()).flat()) {
    if (each?.family !== "IPv4" || each.cidr === null) continue;
    list.addSubnet(each.address, Number(each.cidr.split("/")[1]), "ipv4");
  }
  return list.check(address, "ipv4");
}
