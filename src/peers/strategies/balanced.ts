import { expectedCompletionMs } from "../expectedCompletion.js";
import type { RankingStrategy } from "./RankingStrategy.js";

/** The one that is expected to be done first; unknown idle peers before all. */
export const balanced: RankingStrategy = ({ record, inFlight, chunkBytes }) =>
  expectedCompletionMs(record, inFlight, chunkBytes);
