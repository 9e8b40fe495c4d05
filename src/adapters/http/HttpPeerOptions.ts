import { asyncScheduler, NEVER } from "rxjs";
import { checkLimit } from "../../protocol/checkLimit.js";
import type { ConnectHttp } from "./HttpLine.js";
import type { HttpPeersOptions } from "./HttpPeersOptions.js";

/** How mirrors are reached, and what they are allowed. */
export interface HttpPeerOptions extends Omit<HttpPeersOptions, "publicOnly" | "closeWhen"> {
  /** Makes connections: `connectNode()` or `connectBrowser()`. */
  readonly connect: ConnectHttp;
  /** True when the mirror was named by a stranger, and may be no address of this machine or of a private network: see `LineOptions`. @default false */
  readonly publicOnly?: boolean;
}

export const httpDefaults = { maxRedirects: 5, maxRetryAfterMs: 86_400_000 } as const;

export type ResolvedHttpOptions = Required<HttpPeerOptions>;

/** @throws RangeError that names the wrong option. */
export function resolveHttpOptions(options: HttpPeerOptions): ResolvedHttpOptions {
  const limit = (name: keyof typeof httpDefaults) => checkLimit(name, options[name], httpDefaults[name], 0);
  return {
    connect: options.connect,
    publicOnly: options.publicOnly ?? false,
    tokens: options.tokens ?? {},
    headers: options.headers ?? {},
    paused: options.paused ?? NEVER,
    maxRedirects: limit("maxRedirects"),
    maxRetryAfterMs: limit("maxRetryAfterMs"),
    now: options.now ?? Date.now,
    scheduler: options.scheduler ?? asyncScheduler,
  };
}
