import { expect, it } from "vitest";
import { oneAddress } from "../../../src/adapters/network/oneAddress.js";

it.each([
  ["127.0.0.3", "127.0.0.3"],
  ["2001:DB8:0::1", "2001:db8::1"],
  ["0.0.0.0", undefined],
  ["::", undefined],
  ["0:0::0", undefined],
  ["localhost", undefined],
  ["fe80::1%eth0", undefined],
])("A server at %s listens to the one address %s", (host, address) => {
  expect(oneAddress(host)).toBe(address);
});
