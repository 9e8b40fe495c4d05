import { balanced, monotone, rightBytes, verifiedOnce } from "./bytes.js";
import { inOrder, noHang, nothingLeft, oneEnd } from "./endings.js";
import { statedFailure } from "./failures.js";
import type { Law } from "./Law.js";
import { requestsAtOnce, retriesInAll, retriesOfAChunk } from "./limits.js";
import { busyRest, nobodyBanned, oneLegAPeer, oneProbe, rightName } from "./peers.js";

/** What holds for every run. */
export const laws: readonly Law[] = [
  ...[noHang, oneEnd, nothingLeft, inOrder, statedFailure],
  ...[rightBytes, verifiedOnce, monotone, balanced],
  ...[nobodyBanned, busyRest, oneProbe, rightName, oneLegAPeer],
  ...[retriesOfAChunk, retriesInAll, requestsAtOnce],
];
