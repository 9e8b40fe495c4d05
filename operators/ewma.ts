/** Weight of the newest sample in the moving averages. */
const newest = 0.3;

/** The exponentially weighted moving average with one more sample; the first sample is the average. */
export function ewma(before: number | undefined, sample: number): number {
  return before === undefined ? sample : before + newest * (sample - before);
}
