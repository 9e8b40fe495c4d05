import type { RankingStrategy } from "./RankingStrategy.js";
import { withTieBreak } from "./withTieBreak.js";

/** The fewest legs under way, then the fewest bytes brought in this run, whatever is known of speed and success. */
export const loadBalanced: RankingStrategy = ({ inFlight, bytes }) => withTieBreak(inFlight, bytes, 2 ** 40);
