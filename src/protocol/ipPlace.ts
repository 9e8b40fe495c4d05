/** A place whose host is an IP address. */
export interface IpPlace {
  /** `ws://IP:port` or `wss://IP:port`, as the URL standard writes it. */
  readonly place: string;
  /** The IP address, without brackets. */
  readonly address: string;
}

/** A place by its text; `undefined` for one with a name in the place of the IP address, with a path, or that is none at all. */
export function parseIpPlace(text: string): IpPlace | undefined {
  if (!/^wss?:\/\/[^/?#@\\\s]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, host, hostname, port } = new URL(text);
  const isIp = /^\d+(?:\.\d+){3}$/.test(hostname) || hostname.startsWith("[");
  return isIp && port !== "0"
    ? { place: `${protocol}//${host}`, address: hostname.replace(/^\[|\]$/g, "") }
    : undefined;
}

/** The place of an IP address and a port. */
export function ipPlace(address: string, port: number, isSecure: boolean): string {
  return new URL(
    `${isSecure ? "wss" : "ws"}://${address.includes(":") ? `[${address}]` : address}:${port}`,
  ).href.replace(/\/$/, "");
}
