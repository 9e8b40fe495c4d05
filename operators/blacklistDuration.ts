/** How long a peer is left alone that was blacklisted `before` times already: twice as long each time, up to the longest. */
export function blacklistDurationMs(before: number, firstMs: number, longestMs: number): number {
  return Math.min(firstMs * 2 ** before, longestMs);
}
