import { expect, it } from "vitest";
import { remoteOf } from "../../../src/adapters/network/remoteOf.js";
import { scopeOf } from "../../../src/adapters/network/scopeOf.js";
import { isOfUse, type Scope } from "../../../src/protocol/Scope.js";

it.each<[string, Scope]>([
  ["127.0.0.1", "machine"],
  ["127.9.9.9", "machine"],
  ["0.0.0.0", "machine"],
  ["::1", "machine"],
  ["::", "machine"],
  ["::ffff:7f00:1", "machine"],
  ["10.0.0.1", "network"],
  ["100.64.0.1", "network"],
  ["169.254.1.1", "network"],
  ["fe80::1", "network"],
  ["fd00::1", "network"],
  ["203.0.113.1", "public"],
  ["2001:db8::1", "public"],
])("The scope of %s is %s", (address, scope) => {
  expect(scopeOf(address)).toBe(scope);
});

it("An address is of use to whoever is no farther out than it reaches", () => {
  const scopes = ["machine", "network", "public"] as const;
  expect(scopes.map((address) => scopes.map((somebody) => isOfUse(address, somebody)))).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

it("The other end of a socket has its plain address, without its zone", () => {
  expect(remoteOf("::ffff:192.0.2.1")).toEqual({ address: "192.0.2.1", scope: "public" });
  expect(remoteOf("fe80::1%eth0")).toEqual({ address: "fe80::1", scope: "network" });
  expect(remoteOf(undefined)).toBeUndefined();
});
