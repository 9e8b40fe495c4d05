const leastMs = 1000;
const mostOfOwnMs = 8000;

/**
 * How long a busy peer is to be left alone, ms: as long as it asks for, and no less than 1, 2, 4, 8, 8 s for its first, second ... busy answer in
 * a row. A peer that asks for no time, or for a moment, is asked no faster for that.
 *
 * @param answers busy answers in a row, this one included
 */
export function busyWaitMs(
  answers: number,
  { retryAfterMs = 0 }: { readonly retryAfterMs?: number | undefined },
): number {
  const ownMs = Math.min(leastMs * 2 ** (answers - 1), mostOfOwnMs);
  return retryAfterMs > ownMs ? retryAfterMs : ownMs;
}
