import type { RankingStrategy } from "./strategies.js";

/** The part of a download's config that its pool needs. */
export interface PoolConfig {
  /** Legs in flight, all peers together. */
  readonly maxConcurrent: number;
  /** Legs in flight on one peer. */
  readonly maxPerPeer: number;
  /** Consecutive failures that blacklist a peer. */
  readonly failureThreshold: number;
  /** Longest blacklisting, ms. */
  readonly blacklistMs: number;
  /** How long the first time; twice as long each time, up to `blacklistMs`. @default `blacklistMs` */
  readonly firstBlacklistMs?: number;
  /** Fruitless requests a second to one peer. */
  readonly requestsPerSecond: number;
  /** How long to wait without any peer. */
  readonly peerWaitMs: number;
  /** A busy peer that asks for as long as this, or longer, is away until then: no chunk waits for it. */
  readonly longestBusyMs: number;
  /** Bytes of a usual request, for the ranking. */
  readonly chunkBytes: number;
  /** The order in which peers are asked. @default balanced */
  readonly strategy?: RankingStrategy;
  /** Chance for the strategy. @default Math.random */
  readonly random?: () => number;
}
