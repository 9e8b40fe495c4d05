import { connect, type OnReadOpts, type Socket, type TcpNetConnectOpts } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { addressOf } from "./addressOf.js";
import type { Tls } from "../network/Authorities.js";
import type { Reach } from "../network/Reach.js";
import { dialled, dialOptions, tlsDialOptions } from "./dialled.js";

export type DirectDialling = Tls & Reach["dialling"];

/** Dials an address as the ordinary way does, for a socket that reads into memory that it is given. */
export function dialDirect(
  url: URL,
  { lookup, ...tls }: DirectDialling,
  onread: OnReadOpts,
  onReady: () => void,
): Socket {
  const { hostname: host, port, servername } = addressOf(url);
  const named = lookup === undefined ? {} : { lookup };
  if (url.protocol !== "https:") {
    const plain: TcpNetConnectOpts = { ...dialOptions, ...named, host: host ?? "", port: Number(port || 80), onread };
    return dialled(connect(plain).once("connect", onReady), "connect");
  }
  const secure: ConnectionOptions & { readonly onread: OnReadOpts } = {
    ...tlsDialOptions,
    ...tls,
    ...named,
    ...(host == null ? {} : { host }),
    port: Number(port || 443),
    ...(servername === undefined ? {} : { servername }),
    onread,
  };
  return dialled(connectTls(secure).once("secureConnect", onReady), "secureConnect");
}
