import type { RequestOptions } from "node:https";
import { isIP } from "node:net";

type Address = Pick<RequestOptions, "protocol" | "hostname" | "port" | "servername">;

/** Where Node has to connect to for an address. */
export function addressOf({ protocol, hostname, port }: URL): Address {
  const host = hostname.replace(/^\[|\]$/g, "");
  // Else the name in a certificate would be held to the Host header, which is another one's where a proxy is asked.
  return { protocol, hostname: host, port, servername: isIP(host) === 0 ? host : "" };
}
