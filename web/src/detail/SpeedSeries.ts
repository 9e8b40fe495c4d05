/** Seconds that a plot of the speed reaches back. */
const keptMs = 10 * 60_000;

/** Rates over time, one a value of time, as uPlot takes them: seconds and bytes a second. */
export class SpeedSeries {
  readonly #at: number[] = [];
  readonly #rates: number[] = [];

  get columns(): readonly [readonly number[], readonly number[]] {
    return [this.#at, this.#rates];
  }

  /** Takes in the rate at a time, ms; one that was taken already, or is older, changes nothing. */
  take(at: number, bytesPerSecond: number): void {
    const seconds = at / 1000;
    if (seconds <= (this.#at.at(-1) ?? 0)) return;
    this.#at.push(seconds);
    this.#rates.push(bytesPerSecond);
    while ((this.#at[0] ?? Infinity) < seconds - keptMs / 1000) {
      this.#at.shift();
      this.#rates.shift();
    }
  }
}
