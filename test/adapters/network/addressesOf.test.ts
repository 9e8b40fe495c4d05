import { expect, it } from "vitest";
import { addressesOf, type Interfaces } from "../../../src/adapters/network/addressesOf.js";

const one = (address: string, internal = false) => ({ address, internal, netmask: "", mac: "", cidr: null });
const four = (address: string, internal?: boolean) => ({ ...one(address, internal), family: "IPv4" as const });
const six = (address: string, internal?: boolean) => ({
  ...one(address, internal),
  family: "IPv6" as const,
  scopeid: 0,
});
const machine: Interfaces = {
  lo: [four("127.0.0.1", true), six("::1", true)],
  eth0: [six("2001:db8::5"), four("10.0.0.5"), six("fe80::5")],
  eth1: [four("169.254.3.3"), four("192.0.2.5")],
};

it("All addresses are those of the machine, the one that it alone reaches last", () => {
  expect(addressesOf("0.0.0.0", "0.0.0.0", machine)).toEqual(["10.0.0.5", "192.0.2.5", "127.0.0.1"]);
  expect(addressesOf("::", "::", machine)).toEqual(["10.0.0.5", "192.0.2.5", "[2001:db8::5]", "127.0.0.1"]);
});

it("A machine without a network has the address that it alone reaches", () => {
  expect(addressesOf("0.0.0.0", "0", { lo: machine["lo"] })).toEqual(["127.0.0.1"]);
});

it("One address is told as it was named", () => {
  expect(addressesOf("127.0.0.1", "localhost", machine)).toEqual(["localhost"]);
  expect(addressesOf("::1", "::1", machine)).toEqual(["[::1]"]);
});
