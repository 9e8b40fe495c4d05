/** At least so many milliseconds' worth of bytes are asked for: short pauses of ours or of the peer's leave no gap. */
const shortestMs = 1000;

/**
 * How many requests keep a peer busy: as many as it serves in twice the round trip, and in a second at least. More would only wait at
 * the peer, and be lost when it fails; the bandwidth-delay product with the reserve that libtorrent keeps in its request queues.
 */
export function legsToFill(bytesPerSecond: number, roundTripMs: number, chunkBytes: number): number {
  const bytes = (bytesPerSecond * Math.max(shortestMs, 2 * roundTripMs)) / 1000;
  return Math.max(1, Math.ceil(bytes / chunkBytes));
}
