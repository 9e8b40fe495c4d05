import { successRate } from "../successRate.js";
import type { RankingStrategy } from "./RankingStrategy.js";
import { withTieBreak } from "./withTieBreak.js";

/**
 * The highest success rate, in whole per cent, then the faster; one of unknown rate after those that are known. The success rate of
 * a peer that was never asked is two thirds: behind those that deliver, before those that often fail.
 */
export const mostReliable: RankingStrategy = ({ record, chunkBytes }) => {
  const { ok, failed, bytesPerSecond = 0 } = record;
  const percent = Math.round(100 * successRate(ok, failed));
  return withTieBreak(100 - percent, (chunkBytes * 1000) / bytesPerSecond, 1000);
};
