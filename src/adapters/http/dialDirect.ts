import { connect, type OnReadOpts, type Socket, type TcpNetConnectOpts } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { addressOf } from "./addressOf.js";
import type { Tls } from "../network/Authorities.js";
import { dialled, dialOptions, tlsDialOptions } from "./dialled.js";

/** Dials an address as the ordinary way does, for a socket that reads into memory that it is given. */
export function dialDirect(url: URL, tls: Tls, onread: OnReadOpts, onReady: () => void): Socket {
  const { hostname: host, port, servername } = addressOf(url);
  if (url.protocol !== "https:") {
    const plain: TcpNetConnectOpts = { ...dialOptions, host: host ?? "", port: Number(port || 80), onread };
    return dialled(connect(plain).once("connect", onReady), "connect");
  }
  const secure: ConnectionOptions & { readonly onread: OnReadOpts } = {
    ...tlsDialOptions,
    ...tls,
    ...(host == null ? {} : { host }),
    port: Number(port || 443),
    ...(servername === undefined ? {} : { servername }),
    onread,
  };
  return dialled(connectTls(secure).once("secureConnect", onReady), "secureConnect");
}
