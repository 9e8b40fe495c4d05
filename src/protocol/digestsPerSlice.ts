import { digestLength } from "../manifest/chunks.js";
import { envelopeBytes, maxDigestsPerSlice } from "./protocol.js";

/** Characters of a name that are sent. */
export const longestName = 255;

/** Digests in each slice of a manifest but the last, for a client that takes messages of so many bytes. The name may take 4 bytes a character. */
export function digestsPerSlice(frameBytes: number, name: string): number {
  const room = frameBytes - envelopeBytes - 4 * Math.min(longestName, name.length);
  return Math.min(maxDigestsPerSlice, Math.max(1, Math.floor(room / digestLength)));
}
