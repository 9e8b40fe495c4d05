import { lookup } from "node:dns/promises";
import type { Socket } from "node:net";
import { SocksClient, type SocksClientOptions } from "socks";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import { ProxyRefusal } from "./ProxyRefusal.js";
import type { Place } from "./tunnel.js";

const timeoutMs = 10_000;

/** The words of the library for what a proxy did, which is all that its errors have. */
const meanings: readonly (readonly [RegExp, DownloadErrorCode])[] = [
  [/authentication/i, "AUTH_FAILED"],
  [/NotAllowed/, "PEER_REJECTED"],
  [/rejected/, "PEER_UNAVAILABLE"],
  [/timed out/, "TIMEOUT"],
  [/closed/, "CONNECTION_LOST"],
  [/invalid/i, "PROTOCOL_ERROR"],
];

/**
 * Has the proxy at the other end of a socket lead it to a place; resolves when it does. A host is looked up here for `socks4:` and `socks5:`, as curl does, and
 * by the proxy for `socks4a:` and `socks5h:`. Rejects with `ProxyRefusal`, and with what looking up the host fails with.
 */
export async function socksHandshake(proxy: URL, to: Place, socket: Socket): Promise<void> {
  const { protocol, username, password } = proxy;
  const isFour = protocol.startsWith("socks4");
  const isForProxy = protocol === "socks4a:" || protocol === "socks5h:";
  const host = isForProxy ? to.host : (await lookup(to.host, isFour ? { family: 4 } : {})).address;
  const options: SocksClientOptions = {
    command: "connect",
    proxy: {
      // The socket is there already; the library wants them all the same.
      host: proxy.hostname,
      port: Number(proxy.port || 1),
      type: isFour ? 4 : 5,
      ...(username === "" ? {} : { userId: decodeURIComponent(username), password: decodeURIComponent(password) }),
    },
    destination: { host, port: to.port },
    existing_socket: socket,
    timeout: timeoutMs,
  };
  try {
    await SocksClient.createConnection(options);
  } catch (error) {
    const { message } = error as Error;
    const code = meanings.find(([words]) => words.test(message))?.[1] ?? "PEER_UNAVAILABLE";
    throw new ProxyRefusal(code, `no way through the proxy: ${message}`);
  }
}
