/** Mean and mean deviation of a series that drifts, after the round-trip estimator of TCP (RFC 6298). */
export class Deviation {
  #mean: number | undefined;
  #deviation = 0;

  /** `undefined` before the first sample. */
  get mean(): number | undefined {
    return this.#mean;
  }

  add(sample: number): void {
    if (this.#mean === undefined) {
      this.#mean = sample;
      this.#deviation = sample / 2;
      return;
    }
    this.#deviation += (Math.abs(sample - this.#mean) - this.#deviation) / 4;
    this.#mean += (sample - this.#mean) / 8;
  }

  /** What hardly any sample exceeds: the mean and four deviations, within bounds; `unknown` before the first sample. */
  limit({ unknown, least, most }: { readonly unknown: number; readonly least: number; readonly most: number }): number {
    if (this.#mean === undefined) return unknown;
    return Math.min(most, Math.max(least, Math.round(this.#mean + 4 * this.#deviation)));
  }
}
