import type { OptionShapes } from "../../operators/checkOptions.js";
import { aFunction, aNumber, anyNumber, aText } from "../../operators/optionShapes.js";
import { resolveServeConfig, type ServeWebSocketConfig } from "../adapters/websocket/ServeWebSocketConfig.js";
import type { Announcer } from "../seeder/Announcer.js";
import { resolveSeederConfig, type SeederConfig } from "../seeder/SeederConfig.js";

export interface ServeFilesOptions {
  /** Address to listen on. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** 0 takes any free one. @default 0 */
  readonly port?: number | undefined;
  /** Secret that clients must bring. @default none */
  readonly token?: string | undefined;
  /** Certificate for `wss://`, PEM. @default none */
  readonly cert?: string | Buffer | undefined;
  /** Key of the certificate, PEM. @default none */
  readonly key?: string | Buffer | undefined;
  /** Origins of web pages that are let in, such as `https://example.org`; `null` is that of pages of files, `*` is all. @default none */
  readonly allowOrigins?: readonly string[] | undefined;
  /** Announces the files to those who may look for them, such as a `DhtNode`: `(port, roots) => node.announce(port, roots)`. @default nobody is told */
  readonly announce?: Announcer | undefined;
  /** Bytes a second to all clients together. @default unlimited */
  readonly limitRate?: number | undefined;
  /** Clients at a time; beyond them the one that has been idle for longest makes room, or the new one is told that the seeder is busy. @default 256 */
  readonly maxConnections?: number | undefined;
  /** Requests under way on one connection; more are told that the seeder is busy. @default 16 */
  readonly maxRequests?: number | undefined;
}

const pem = {
  must: "PEM, as a text or a Buffer",
  fits: (value: unknown) => typeof value === "string" || value instanceof Uint8Array,
  isSecret: true,
};

/** The shapes of the options of a server. */
export const serveShapes: OptionShapes<ServeFilesOptions> = {
  host: aText("a name or an address of this machine"),
  port: {
    must: "a whole number from 0 to 65535",
    fits: (value) => Number.isInteger(value) && aNumber(0, 65_535).fits(value),
  },
  token: { must: "a text", fits: (value) => typeof value === "string", isSecret: true },
  cert: pem,
  key: pem,
  allowOrigins: {
    must: "a list of origins, such as https://example.org",
    fits: (value) => Array.isArray(value) && value.every((origin) => typeof origin === "string"),
  },
  announce: aFunction,
  limitRate: anyNumber,
  maxConnections: anyNumber,
  maxRequests: anyNumber,
};

/**
 * The options of a server, by who takes them.
 *
 * @throws TypeError when only one of `cert` and `key` is given or they cannot be used, when no client could bring the token, or when an origin is none;
 *   RangeError that names a wrong limit.
 */
export function placeAndLimits(options: ServeFilesOptions): { place: ServeWebSocketConfig; limits: SeederConfig } {
  const { host, port, token, cert, key, allowOrigins, announce, limitRate, maxConnections, maxRequests } = options;
  if ((cert === undefined) !== (key === undefined))
    throw new TypeError("a certificate needs its key: give both or none");
  if (cert !== undefined && announce !== undefined)
    throw new TypeError(
      "a server with a certificate is announced nowhere: others are told an address, which it cannot be of",
    );
  const place = {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(token !== undefined && { token }),
    ...(allowOrigins !== undefined && { allowOrigins }),
    ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
  };
  const limits = {
    ...(maxConnections !== undefined && { maxConnections }),
    ...(limitRate !== undefined && { limitRateBytesPerSecond: limitRate }),
    ...(maxRequests !== undefined && { maxRequests }),
  };
  resolveServeConfig(place);
  resolveSeederConfig(limits);
  return { place, limits };
}
