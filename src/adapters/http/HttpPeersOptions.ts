import type { Observable, SchedulerLike } from "rxjs";
import type { Tokens } from "../../protocol/findToken.js";
import type { PeerOrigin } from "../../peers/NamedAddress.js";
import type { HostHeaders } from "./Credentials.js";

/** Allowances and limits of mirrors. */
export interface HttpPeersOptions {
  /** Bearer tokens by host (`host` or `host:port`). A token is sent to that host only. @default none */
  readonly tokens?: Tokens | undefined;
  /** Headers by host (`host` or `host:port`), sent to that host only. @default none */
  readonly headers?: HostHeaders | undefined;
  /** While it last said `true`, nothing is read from the sockets, which slows the senders down. @default never */
  readonly paused?: Observable<boolean> | undefined;
  /** Redirects followed for one request. Browsers follow as many as they please. @default 5 */
  readonly maxRedirects?: number | undefined;
  /** Where a mirror's wish to be left alone is cut, milliseconds. @default 86400000 */
  readonly maxRetryAfterMs?: number | undefined;
  /** Wall time, milliseconds since the epoch, for a Retry-After date in an answer that does not tell its own. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
  /** Tells of which peers, by their names, `publicOnly` is true. @default of none */
  readonly publicOnly?: ((id: string) => boolean) | undefined;
  /** Tells how the address of a peer, by its name, came to be known. @default "link" for all */
  readonly sourceOf?: ((id: string) => PeerOrigin) | undefined;
  /**
   * Closes all peers when it emits. Needed where `urls` completes: the peers outlive the completed source, and an unsubscribe can no
   * longer reach them. @default never
   */
  readonly closeWhen?: Observable<unknown> | undefined;
}
