import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

/** Network interfaces, as Node lists them. */
export type Interfaces = ReturnType<typeof networkInterfaces>;

/**
 * The hosts by which what listens at an address is reached, as they stand in a URL. Of all addresses (`0.0.0.0`, `::`) they are those of this machine, IPv4
 * first; that which it alone reaches is the last. `named` is the host that was listened on, which may be a name.
 */
export function addressesOf(bound: string, named: string, interfaces?: Interfaces): readonly string[] {
  if (bound !== "0.0.0.0" && bound !== "::") return [inUrl(named)];
  const all = Object.values(interfaces ?? networkInterfaces()).flatMap((each) => each ?? []);
  const usable = all.filter(({ address, internal }) => !internal && !isOfLink(address)).map(({ address }) => address);
  const [four, six] = [usable.filter((address) => isIPv4(address)), usable.filter((address) => !isIPv4(address))];
  return [...four, ...(bound === "::" ? six : []), "127.0.0.1"].map(inUrl);
}

/** True for an address of a link alone: it leads nowhere without the name of an interface, or was made up where none was given. */
const isOfLink = (address: string): boolean => /^(?:fe[89ab]|169\.254\.)/i.test(address);

const inUrl = (host: string): string => (host.includes(":") ? `[${host}]` : host);
