import { connectNode } from "../adapters/http/connectNode.js";
import type { HostHeaders } from "../adapters/http/Credentials.js";
import type { HttpPeerOptions } from "../adapters/http/HttpPeerOptions.js";
import type { Tokens } from "../protocol/findToken.js";

/** The secrets and certificates that a user allows peers and mirrors. */
export interface AccessOptions {
  /** Secrets by `host` or `host:port`. Each is sent to that host only. @default none */
  readonly tokens?: Tokens | undefined;
  /** Headers by `host` or `host:port`, for `http(s)` mirrors. Headers are sent to that host only. @default none */
  readonly headers?: HostHeaders | undefined;
  /** Certificate authorities for `wss://` and `https://`, PEM. @default Node's and the system's */
  readonly ca?: string | readonly string[] | undefined;
}

/** Options of mirrors for what a user allows them. */
export function httpOptions({ tokens = {}, headers = {}, ca }: AccessOptions = {}): HttpPeerOptions {
  return { connect: connectNode(ca === undefined ? {} : { ca }), tokens, headers };
}
