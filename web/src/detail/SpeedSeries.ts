/** Seconds that a plot of the speed reaches back. */
const keptMs = 10 * 60_000;

/** Time between two values, s: a plot that moves once a second says as much, and drawing it costs more than all else that changes. */
const everySeconds = 1;

/** Rates over time, one a value of time, as uPlot takes them: seconds and bytes a second. */
export class SpeedSeries {
  readonly #at: number[] = [];
  readonly #rates: number[] = [];

  get columns(): readonly [readonly number[], readonly number[]] {
    return [this.#at, this.#rates];
  }

  /** Takes in the rate at a time, ms; true unless there is a value of that second already. */
  take(at: number, bytesPerSecond: number): boolean {
    const seconds = at / 1000;
    if (seconds < (this.#at.at(-1) ?? -Infinity) + everySeconds) return false;
    this.#at.push(seconds);
    this.#rates.push(bytesPerSecond);
    while ((this.#at[0] ?? Infinity) < seconds - keptMs / 1000) {
      this.#at.shift();
      this.#rates.shift();
    }
    return true;
  }
}
