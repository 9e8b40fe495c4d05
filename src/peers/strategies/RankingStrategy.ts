import type { PeerRecord } from "../PeerRecord.js";

/** What a strategy may look at: one peer that can be asked now. */
export interface Contender {
  readonly record: PeerRecord;
  /** Its legs under way. */
  readonly inFlight: number;
  /** Bytes that it brought in this run. */
  readonly bytes: number;
  /** Bytes of a usual request. */
  readonly chunkBytes: number;
  /** Chance, from 0 to 1. A strategy that draws from it is asked again now and then, also for peers that nothing happens to. */
  readonly random: () => number;
}

/**
 * Scores a peer: the one with the least score is asked first, equals in the order in which they were met. A score stands until
 * something happens to its own peer, so it may not look at the time or at other peers. What it throws ends the download, as NaN does.
 */
export type RankingStrategy = (contender: Contender) => number;
