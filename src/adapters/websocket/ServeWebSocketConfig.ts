import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { aNumber, anyNumber, aText } from "../../../operators/optionShapes.js";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { checkLimit } from "../../protocol/checkLimit.js";
import { reasonOf } from "../../protocol/reasonOf.js";
import { isToken } from "../../protocol/findToken.js";
import { OriginCheck } from "./OriginCheck.js";

/** Where a seeder listens, and whom it lets in. */
export interface ServeWebSocketConfig {
  /** Address to listen on. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** 0 takes any free one. @default 0 */
  readonly port?: number | undefined;
  /** Bearer token that clients must bring. @default none */
  readonly token?: string | undefined;
  /** PEM certificate and key, for `wss://`. @default none */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  /** Origins of web pages that are let in, such as `https://example.org`; `null` is that of pages of files, `*` is all. @default none */
  readonly allowOrigins?: readonly string[] | undefined;
  /** Bytes that may wait in a socket before sending pauses. @default 1048576 */
  readonly highWaterBytes?: number | undefined;
}

export const serveDefaults = { host: "127.0.0.1", port: 0, highWaterBytes: 1024 * 1024 } as const;

const shapes: OptionShapes<ServeWebSocketConfig> = {
  host: aText("the name or address of an interface"),
  port: {
    must: "a whole number from 0 to 65535",
    fits: (value) => Number.isInteger(value) && aNumber(0, 65_535).fits(value),
  },
  token: { must: "a text", fits: (value) => typeof value === "string", isSecret: true },
  tls: {
    must: "{ cert, key }, both as PEM",
    fits: (value) => typeof value === "object" && value !== null && "cert" in value && "key" in value,
    isSecret: true,
  },
  allowOrigins: {
    must: "a list of origins, such as https://example.org",
    fits: (value) => Array.isArray(value) && value.every((origin) => typeof origin === "string"),
  },
  highWaterBytes: anyNumber,
};

/**
 * The whole config, as clients will meet it.
 *
 * @throws RangeError for a limit, TypeError for a token that no client could bring, a certificate and key that cannot be used, or an origin that is none.
 * No message shows token or key.
 */
export function resolveServeConfig(given: ServeWebSocketConfig) {
  checkOptions("serveWebSocket", given, shapes);
  const { token, tls, allowOrigins = [], ...config } = given;
  const { host = serveDefaults.host, port = serveDefaults.port } = config;
  if (token !== undefined && !isToken(token)) {
    throw new TypeError("token holds a space, a line break or a character that is not ASCII, or is empty");
  }
  if (tls !== undefined) checkTls(tls);
  const highWaterBytes = checkLimit("highWaterBytes", config.highWaterBytes, serveDefaults.highWaterBytes, 0);
  const origins = new OriginCheck({ allowed: allowOrigins, host, tls: tls !== undefined });
  return { host, port, token, tls, origins, highWaterBytes };
}

function checkTls({ cert, key }: NonNullable<ServeWebSocketConfig["tls"]>): void {
  const certificate = trying("certificate", () => new X509Certificate(cert));
  const privateKey = trying("key", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw new TypeError("the key is not the one of the certificate");
  trying("certificate with its key", () => createSecureContext({ cert, key }));
}

function trying<T>(what: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw new TypeError(`the ${what} cannot be used: ${reasonOf(cause)}`, { cause });
  }
}
