const leastMs = 1000;
const mostOfOwnMs = 8000;

/**
 * How long a busy peer is to be left alone, ms. A peer that names a time of at least a second is taken at its word; one that names none, or a moment,
 * is left alone for 1, 2, 4, 8, 8 s after its first, second ... busy answer in a row, so that nobody is asked faster for saying so.
 *
 * @param answers busy answers in a row, this one included
 */
export function busyWaitMs(
  answers: number,
  { retryAfterMs = 0 }: { readonly retryAfterMs?: number | undefined },
): number {
  return retryAfterMs >= leastMs ? retryAfterMs : Math.min(leastMs * 2 ** (answers - 1), mostOfOwnMs);
}
