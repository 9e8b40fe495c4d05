import { formatDuration } from "./formatDuration.js";

/** Less than this is waited for by the download itself. */
const leastMs = 60_000;

/** The end of a message about a peer that asks for so much time, ms; empty where it asks for none, or for a moment. */
export function askAgainIn(ms = 0): string {
  return ms < leastMs ? "" : `; ask again in ${formatDuration(ms)}`;
}
