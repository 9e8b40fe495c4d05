import { checkOptions, checkShape, type Complete, type OptionShapes } from "../../../operators/checkOptions.js";
import { aFunction, anObservable, anyNumber, aScheduler, aSwitch, aText } from "../../../operators/optionShapes.js";
import { headersShape, tokensShape } from "../../protocol/accessShapes.js";
import { asyncScheduler, NEVER } from "rxjs";
import { checkLimit } from "../../protocol/checkLimit.js";
import type { PeerOrigin } from "../../peers/NamedAddress.js";
import type { ConnectHttp } from "./HttpLine.js";
import type { HttpPeersOptions } from "./HttpPeersOptions.js";

/** How mirrors are reached, and what they are allowed. */
export interface HttpPeerOptions extends Omit<HttpPeersOptions, "publicOnly" | "sourceOf" | "closeWhen"> {
  /** Makes connections: `connectNode()` or `connectBrowser()`. */
  readonly connect: ConnectHttp;
  /** True when the mirror was named by a stranger, and may be no address of this machine or of a private network: see `LineOptions`. @default false */
  readonly publicOnly?: boolean | undefined;
  /** How its address came to be known. @default "link" */
  readonly source?: PeerOrigin | undefined;
}

export const httpDefaults = { maxRedirects: 5, maxRetryAfterMs: 86_400_000 } as const;

export type ResolvedHttpOptions = Complete<HttpPeerOptions>;

/** The shapes of the options of `HttpPeer`. */
export const httpPeerShapes: OptionShapes<HttpPeerOptions> = {
  connect: { must: "what makes connections, such as connectNode()", fits: aFunction.fits },
  publicOnly: aSwitch,
  source: aText("a way by which addresses come to be known, such as link"),
  tokens: tokensShape,
  headers: headersShape,
  paused: anObservable("true and false"),
  maxRedirects: anyNumber,
  maxRetryAfterMs: anyNumber,
  now: aFunction,
  scheduler: aScheduler,
};

/** @throws TypeError or RangeError that names the wrong option. */
export function resolveHttpOptions(options: HttpPeerOptions): ResolvedHttpOptions {
  checkOptions("HttpPeer", options, httpPeerShapes);
  checkShape("connect", options.connect, httpPeerShapes.connect);
  const limit = (name: keyof typeof httpDefaults) => checkLimit(name, options[name], httpDefaults[name], 0);
  return {
    connect: options.connect,
    publicOnly: options.publicOnly ?? false,
    source: options.source ?? "link",
    tokens: options.tokens ?? {},
    headers: options.headers ?? {},
    paused: options.paused ?? NEVER,
    maxRedirects: limit("maxRedirects"),
    maxRetryAfterMs: limit("maxRetryAfterMs"),
    now: options.now ?? Date.now,
    scheduler: options.scheduler ?? asyncScheduler,
  };
}
