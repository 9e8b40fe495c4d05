/**
 * Loaded before the command: resolves `seeder.test` to the host of the test's seeder, unless a file in the working folder says
 * that the network is down. Then it resolves to an address that no machine has a way to, or to none.
 */
import dns from "node:dns";
import { existsSync, readFileSync } from "node:fs";

type Answer = (error: Error | null, address?: unknown, family?: number) => void;
type Lookup = (name: string, options: { readonly all?: boolean }, answer: Answer) => void;

/** The kernel refuses TCP to the broadcast address with ENETUNREACH, network or not. */
const nowhere = "255.255.255.255";
const real = dns.lookup as unknown as Lookup;

const lookup: Lookup = (name, options, answer) => {
  if (name !== "seeder.test") {
    real(name, options, answer);
    return;
  }
  const fault = existsSync("network-down") ? readFileSync("network-down", "utf8") : undefined;
  const address = fault === undefined ? "127.0.0.2" : nowhere;
  process.nextTick(() => {
    if (fault === "ENOTFOUND") answer(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: fault }));
    else if (options.all) answer(null, [{ address, family: 4 }]);
    else answer(null, address, 4);
  });
};

Object.assign(dns, { lookup });
