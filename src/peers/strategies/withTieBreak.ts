/** Ranks by a whole number, and among equals by a second one from 0 up, of which `usual` is about in the middle: both in one. */
export function withTieBreak(whole: number, second: number, usual: number): number {
  // Half of it at most, so that no second number, however large, counts like one more of the first.
  return whole + (second === Infinity ? 1 : second / (second + usual)) / 2;
}
