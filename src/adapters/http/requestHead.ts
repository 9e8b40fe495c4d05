import type { HttpRequest } from "./HttpRequest.js";
import { userAgent } from "./userAgent.js";

/** A request as it goes over the wire, in latin1. */
export function requestHead({ url, headers, credentials }: HttpRequest): string {
  const { pathname, search, host } = new URL(url);
  const all = { host, "user-agent": userAgent, ...headers, ...credentials, connection: "keep-alive" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${pathname}${search} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}
