import { BlockList, isIP } from "node:net";

/** Addresses of this machine, of private networks and of links, and those that lead nowhere else: IANA's special-purpose registries. */
const ranges: readonly (readonly [network: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
  ["::", 127],
  ["64:ff9b:1::", 48],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
];

const list = new BlockList();
for (const [network, bits] of ranges) list.addSubnet(network, bits, isIP(network) === 6 ? "ipv6" : "ipv4");

/** Names that no public name server answers for (RFC 6761, 6762, 8375, and ICANN's `internal`), and names without a dot, which are a network's own. */
const names = /^[^.]*\.?$|(?:^|\.)(?:localhost|local|internal|home\.arpa|lan)\.?$/i;

/** Tells whether an address leads to this machine or to a private network, by its words: names are not looked up. One that is none is taken to. */
export function isPrivate(url: string): boolean {
  if (!URL.canParse(url)) return true;
  // In an address, every way to write an IPv4 address has become the usual one.
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? names.test(host) : isPrivateAddress(host);
}

/** Tells whether an IP address, without brackets, is private. */
export function isPrivateAddress(address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/**
 * True for an IP address that another end may name, at a server, as its own: none of this machine or a private network, unless the server itself is there.
 * Names are none.
 */
export function mayAskCandidate(address: string, server: { readonly url: string }): boolean {
  return isIP(address) !== 0 && (isPrivate(server.url) || !isPrivateAddress(address));
}
