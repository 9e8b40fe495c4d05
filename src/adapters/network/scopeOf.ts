import { BlockList, isIP } from "node:net";
import type { Scope } from "../../protocol/Scope.js";
import { isPrivateAddress } from "./isPrivate.js";

const machine = new BlockList();
machine.addSubnet("127.0.0.0", 8, "ipv4");
machine.addSubnet("0.0.0.0", 8, "ipv4");
machine.addSubnet("::", 127, "ipv6");

/** The scope of an IP address, without brackets. */
export function scopeOf(address: string): Scope {
  if (machine.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")) return "machine";
  return isPrivateAddress(address) ? "network" : "public";
}
