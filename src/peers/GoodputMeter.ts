/** Shorter spans say nothing on a millisecond clock. */
const shortestMs = 10;

/** Measures what a peer delivers over all its legs, while it has any. */
export class GoodputMeter {
  #since = 0;
  #bytes = 0;

  /** The peer was idle and begins to work. */
  start(now: number): void {
    this.#since = now;
    this.#bytes = 0;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Bytes a second since the last sample, or `undefined` while the span is too short to tell. */
  sample(now: number): number | undefined {
    const elapsedMs = now - this.#since;
    if (elapsedMs < shortestMs || this.#bytes === 0) return undefined;
    const rate = (this.#bytes * 1000) / elapsedMs;
    this.start(now);
    return rate;
  }

  /** The best guess for a peer that was never sampled: what it brought so far, over the shortest span that counts. */
  guess(now: number): number {
    return (this.#bytes * 1000) / Math.max(shortestMs, now - this.#since);
  }
}
