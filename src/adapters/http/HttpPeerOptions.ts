import { asyncScheduler, NEVER, type Observable, type SchedulerLike } from "rxjs";
import { checkLimit } from "../../protocol/checkLimit.js";
import type { Tokens } from "../../protocol/findToken.js";
import type { HostHeaders } from "./Credentials.js";
import type { ConnectHttp } from "./HttpLine.js";

/** How mirrors are reached, and what they are allowed. */
export interface HttpPeerOptions {
  /** Makes connections: `connectNode()` or `connectBrowser()`. */
  readonly connect: ConnectHttp;
  /** True when the mirror was named by a stranger, and may be no address of this machine or of a private network: see `LineOptions`. @default false */
  readonly publicOnly?: boolean;
  /** Bearer tokens by host (`host` or `host:port`). A token is sent to that host only. @default none */
  readonly tokens?: Tokens;
  /** Headers by host (`host` or `host:port`), sent to that host only. @default none */
  readonly headers?: HostHeaders;
  /** While it last said `true`, nothing is read from the sockets, which slows the senders down. @default never */
  readonly paused?: Observable<boolean>;
  /** Redirects followed for one request. Browsers follow as many as they please. @default 5 */
  readonly maxRedirects?: number;
  /** Where a mirror's wish to be left alone is cut, milliseconds. @default 86400000 */
  readonly maxRetryAfterMs?: number;
  /** Wall time, milliseconds since the epoch, for a Retry-After date in an answer that does not tell its own. @default Date.now */
  readonly now?: () => number;
  /** Time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
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
