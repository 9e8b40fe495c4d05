import { checkShape } from "../../operators/checkOptions.js";
import { printableUrl } from "../errors/printableUrl.js";
import { type Address, addressText } from "./Address.js";

/** Where a file is served: `ws://host:port/ROOT`. */
export interface PeerLink {
  /** The whole link, normalised. */
  readonly url: string;
  /** The link without the root: what the peer is called in events and records. */
  readonly id: string;
  /** `host:port`, for finding the token of that host and no other. */
  readonly host: string;
  /** 64 hex digits that name the file. */
  readonly root: string;
}

const defaultPorts: Readonly<Record<string, string>> = { "ws:": "80", "wss:": "443" };

/**
 * Reads a `ws://host:port/ROOT` or `wss://` link. A path in front of the root is kept, for seeders behind a proxy.
 *
 * @throws TypeError that names the link and what is wrong with it.
 */
export function parsePeerLink(link: Address): PeerLink {
  const text = addressText(link);
  checkShape("link", text, { must: "ws://host:port/ROOT", fits: (value) => typeof value === "string" });
  const refuse = (reason: string): never => {
    throw new TypeError(`${JSON.stringify(printableUrl(text).slice(0, 200))} is no peer link: ${reason}`);
  };
  const url = URL.canParse(text) ? new URL(text) : refuse("expected ws://host:port/ROOT");
  const defaultPort = defaultPorts[url.protocol] ?? refuse(`its scheme is ${url.protocol}//, expected ws:// or wss://`);
  if (url.username !== "" || url.password !== "") refuse("it holds a user name or password; give a token instead");
  if (url.search !== "" || url.hash !== "") refuse("it has a query or a fragment");
  const at = url.pathname.lastIndexOf("/");
  const root = url.pathname.slice(at + 1).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(root))
    refuse(`it ends in ${JSON.stringify(root.slice(0, 80))}, expected 64 hex digits, not ${root.length} characters`);
  const id = `${url.protocol}//${url.host}${url.pathname.slice(0, at)}`;
  return { url: `${id}/${root}`, id, host: `${url.hostname}:${url.port || defaultPort}`, root };
}
