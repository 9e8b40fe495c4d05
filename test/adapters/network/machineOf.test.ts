import { expect, test } from "vitest";
import { machineOf } from "../../../src/adapters/network/machineOf.js";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::FFFF:c000:207", "192.0.2.7"],
  ["0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7"],
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
  ["fe80::1:2%eth0", "fe80::1:2"],
  ["fd00::7", "fd00::7"],
  ["2a02:1:2:3:4:5:6:7", "2a02:1:2:3::/64"],
  ["2A02:0001:2:0003::7", "2a02:1:2:3::/64"],
  ["2a02::7", "2a02:0:0:0::/64"],
  ["2a02:1:2:3::7%eth0", "2a02:1:2:3::/64"],
  ["2a02:1:2:3:4:5:192.0.2.7", "2a02:1:2:3::/64"],
  ["2a02::3:4:5:6:192.0.2.7", "2a02:0:3:4::/64"],
  ["2a02:1:2::4:5:6:7", "2a02:1:2:0::/64"],
  ["2a02:1::3:4:5:6:7", "2a02:1:0:3::/64"],
  // Behind a translator all IPv4 addresses are in one network.
  ["64:ff9b::c000:207", "64:ff9b::c000:207"],
  ["64:ff9b::192.0.2.7", "64:ff9b::c000:207"],
  ["0064:FF9B:0:0:0:0:c000:207", "64:ff9b::c000:207"],
  ["64:ff9b:0:0:7:0:0:1", "64:ff9b:0:0::/64"],
  ["64:ff9b:2::7", "64:ff9b:2:0::/64"],
  [undefined, "unknown"],
])("The machine at %s is %s", (address, machine) => {
  expect(machineOf(address)).toBe(machine);
});

test("Machines in one IPv6 network with this one are told apart, others there count as one", () => {
  const [here, neighbour] = ["2a02:1:2:3::1", "2a02:1:2:3::2"];
  expect(machineOf(neighbour, here)).toBe(neighbour);
  expect(machineOf(neighbour, "2a02:1:2:4::1")).toBe(machineOf("2a02:1:2:3::3", "2a02:1:2:4::1"));
  expect(machineOf(neighbour, "2A02:1:2:3:0::1%eth0")).toBe(neighbour);
  expect(machineOf(neighbour, "192.0.2.1")).toBe("2a02:1:2:3::/64");
});
