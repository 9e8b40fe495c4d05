import { isIP } from "node:net";

/** The address that a server listens to, as sockets show it; `undefined` for all addresses of the machine, and for a name. */
export function oneAddress(host: string): string | undefined {
  const family = isIP(host);
  if (family === 4) return host === "0.0.0.0" ? undefined : host;
  const url = `ws://[${host}]`;
  if (family === 0 || !URL.canParse(url)) return undefined;
  const address = new URL(url).hostname.slice(1, -1);
  return address === "::" ? undefined : address;
}
