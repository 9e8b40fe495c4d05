import type { RankingStrategy } from "./RankingStrategy.js";
import { withTieBreak } from "./withTieBreak.js";

/**
 * The highest rate, then the shortest round trip, however much is under way there. Rates count as equal when a usual request takes
 * the same number of microseconds. An idle peer of unknown rate comes first, so that its rate gets known; a busy one comes last.
 */
export const fastest: RankingStrategy = ({ record, inFlight, chunkBytes }) => {
  const { failed, bytesPerSecond, roundTripMs = 0 } = record;
  if (bytesPerSecond === undefined) return inFlight === 0 ? 1000 * failed : Number.MAX_VALUE;
  return withTieBreak(Math.round((chunkBytes * 1e6) / bytesPerSecond), roundTripMs, 1000);
};
