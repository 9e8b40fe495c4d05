const kept = 128;
const needed = 20;
const unknownMs = 2000;
const leastMs = 500;
const mostMs = 5000;
/** Looking at all samples at every leg would cost more than it tells. */
const reckonEvery = 16;

/**
 * When a first byte is late: later than 95 of the last 100 first bytes, within 0.5 to 5 s; 2 s until 20 are known. The trigger of
 * the hedged requests in Dean and Barroso, "The Tail at Scale" (2013).
 */
export class HedgeDelay {
  readonly #samples: number[] = [];
  #next = 0;
  #unread = 0;
  #ms = unknownMs;

  get ms(): number {
    return this.#ms;
  }

  firstByteTook(ms: number): void {
    this.#samples[this.#next] = ms;
    this.#next = (this.#next + 1) % kept;
    if (this.#samples.length < needed) return;
    if (this.#samples.length > needed && ++this.#unread < reckonEvery) return;
    this.#unread = 0;
    const sorted = this.#samples.toSorted((a, b) => a - b);
    const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1] as number;
    this.#ms = Math.min(mostMs, Math.max(leastMs, p95));
  }
}
