import { expectedCompletionMs } from "../expectedCompletion.js";
import { normal } from "./normal.js";
import type { RankingStrategy } from "./RankingStrategy.js";

/** How far a rate known from one leg may be off, as a factor's logarithm. */
const spreadOfOneLeg = 0.5;
/** More legs than these make a rate no surer: peers change. */
const mostLegs = 20;
/** What a peer may be of which nothing is known: 1 MB/s, give or take a factor of seven. */
const unknown = { logRate: Math.log(1_000_000), spread: 2 };

/**
 * Thompson sampling: draws a rate that the peer may have, the wider the less is known of it, and ranks by the completion to expect
 * with that. So the peers that seem best are mostly asked, and the others just often enough to find out whether they are better.
 *
 * After W. R. Thompson, "On the likelihood that one unknown probability exceeds another" (1933); rates are log-normal here.
 */
export const thompson: RankingStrategy = ({ record, inFlight, chunkBytes, random }) => {
  const { ok, bytesPerSecond } = record;
  const [logRate, spread] =
    bytesPerSecond === undefined
      ? [unknown.logRate, unknown.spread]
      : [Math.log(bytesPerSecond), spreadOfOneLeg / Math.sqrt(Math.min(Math.max(ok, 1), mostLegs))];
  const drawn = { ...record, bytesPerSecond: Math.exp(logRate + spread * normal(random)) };
  return expectedCompletionMs(drawn, inFlight, chunkBytes);
};
