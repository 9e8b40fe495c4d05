import type { Observable, SchedulerLike } from "rxjs";
import type { Tokens } from "../../protocol/findToken.js";
import type { PeerOrigin } from "../../peers/NamedAddress.js";

/** Allowances and limits of seeders. */
export interface WebSocketPeersOptions {
  /** Bearer tokens by host (`host` or `host:port`). A token is sent to that host only. @default none */
  readonly tokens?: Tokens | undefined;
  /** Back-pressure: while its last value is `true`, nothing is read from the sockets, which slows the senders down. @default never */
  readonly paused?: Observable<boolean> | undefined;
  /** Dialling, handshake and hello together, milliseconds. @default 10000 */
  readonly dialTimeoutMs?: number | undefined;
  /** A connection without requests is closed after so many milliseconds. @default 30000 */
  readonly idleMs?: number | undefined;
  /** The largest message taken, bytes. Data comes in frames that fit. @default 262656 */
  readonly maxFrameBytes?: number | undefined;
  /** Messages taken within a second on one connection; more are a `PROTOCOL_ERROR`. @default 20000 */
  readonly maxMessagesPerSecond?: number | undefined;
  /** Chunks of a manifest; each costs 32 bytes. @default 1048576 */
  readonly maxChunks?: number | undefined;
  /** Bytes of the largest chunk that a manifest may speak of. @default 67108864 */
  readonly maxChunkBytes?: number | undefined;
  /** Bytes of a file that a manifest may speak of. @default 9007199254740991 */
  readonly maxFileBytes?: number | undefined;
  /** Characters of the name in a manifest. @default 255 */
  readonly maxNameLength?: number | undefined;
  /** Where a peer's wish to be left alone is cut, milliseconds. @default 86400000 */
  readonly maxRetryAfterMs?: number | undefined;
  /** Time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
  /** True when what comes is served to others, so that no two who do that need ask one seeder for the same. @default false */
  readonly shares?: boolean | undefined;
  /** Tells of which peers, by their names, `publicOnly` is true. @default of none */
  readonly publicOnly?: ((id: string) => boolean) | undefined;
  /** Tells how the address of a peer, by its name, came to be known. @default "link" for all */
  readonly sourceOf?: ((id: string) => PeerOrigin) | undefined;
  /**
   * Drops all connections when it emits. Needed where `links` completes: the peers outlive the completed source, and an
   * unsubscribe can no longer reach them. Without it, idle connections still close after `idleMs`. @default never
   */
  readonly closeWhen?: Observable<unknown> | undefined;
}
