import { BlockList, isIP } from "node:net";

/** True when `no_proxy` exempts a host, as a URL writes it, at a port. */
export type IsExempt = (hostname: string, port: string) => boolean;

/**
 * Reads `no_proxy` as curl does: names, which stand for what is below them too, addresses, and networks (`10.0.0.0/8`, `fe80::/10`), or `*` alone for all.
 * Besides, any of them may have a port. An entry that is none of these exempts nobody.
 */
export function exemptions(list: string): IsExempt {
  if (list.trim() === "*") return () => true;
  const entries = list
    .toLowerCase()
    .split(/[,\s]+/)
    .flatMap(exemptionOf);
  return (hostname, port) => {
    const host = bare(hostname);
    return entries.some((entry) => (entry.port === "" || entry.port === port) && entry.has(host));
  };
}

interface Exemption {
  /** The port that is exempt; any port when empty. */
  readonly port: string;
  readonly has: (host: string) => boolean;
}

function exemptionOf(entry: string): readonly Exemption[] {
  // An address of IPv6 has colons of its own, and a port only behind brackets.
  const [, bracketed, plain = entry, port = ""] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const said = bracketed ?? plain;
  const [address = "", bits] = said.split("/");
  const version = isIP(address);
  if (version !== 0) return networkOf(address, version === 4 ? 32 : 128, bits, port);
  const name = bare(said).replace(/^\*?\./, "");
  return name === "" ? [] : [{ port, has: (host) => host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)) }];
}

function networkOf(address: string, most: 32 | 128, said: string | undefined, port: string): readonly Exemption[] {
  const bits = said === undefined ? most : /^\d{1,3}$/.test(said) ? Number(said) : NaN;
  if (!(bits <= most)) return [];
  const network = new BlockList();
  network.addSubnet(address, bits, family(most === 32 ? 4 : 6));
  return [{ port, has: (host) => isIP(host) !== 0 && network.check(host, family(isIP(host))) }];
}

function family(version: number): "ipv4" | "ipv6" {
  return version === 4 ? "ipv4" : "ipv6";
}

/** A host without the brackets and the dot at its end that it may have. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}
