const usual = { least: 2000, most: 15_000 };
/** No limit is longer for what is expected: as long as an attempt may take by default. */
const longestMs = 60_000;
/** Nor is one longer for what was cut off: who never speaks has to be left some time. */
const longestAfterCutOffMs = 20_000;
/** A silence is one only after so many times of what is expected. */
const patience = 3;

/**
 * How long one peer usually lets us wait, and so how long a silence of it may last, after the retransmission timeout of TCP (RFC 6298): the
 * mean of the waits and four times their mean deviation. Milliseconds.
 *
 * A limit that cut a silence off counts twice until bytes come again (RFC 6298, 5.5): what was cut off would never be known, and every wait
 * like it cut off again.
 */
export class TimeoutEstimator {
  readonly #firstByte = new DriftingMean();
  readonly #gaps = new DriftingMean();
  /** The longest silences that were cut off since bytes came last. */
  #cutOff = { firstByteMs: 0, gapMs: 0 };

  /** From a request to its first byte, dialling included, as it usually is. */
  get usualFirstByteMs(): number | undefined {
    return this.#firstByte.mean;
  }

  /** The longest that a first byte may take: 10 s until one has come, longer where it is expected after so many ms. */
  firstByteLimitMs(expectedMs: number): number {
    return atLeast(this.#firstByte.limit(10_000), expectedMs, this.#cutOff.firstByteMs);
  }

  /** The longest that a leg may be silent once it has begun: 2 s until a gap is known, longer where gaps of so many ms are expected. */
  idleLimitMs(expectedMs: number): number {
    return atLeast(this.#gaps.limit(2000), expectedMs, this.#cutOff.gapMs);
  }

  firstByteTook(ms: number): void {
    this.#firstByte.add(ms);
    this.#cutOff = { firstByteMs: 0, gapMs: 0 };
  }

  gapTook(ms: number): void {
    this.#gaps.add(ms);
    this.#cutOff = { firstByteMs: 0, gapMs: 0 };
  }

  /** A leg was silent for so long, after its first byte or before, when it was given up. */
  wasCutOff(ms: number, begun: boolean): void {
    const { firstByteMs, gapMs } = this.#cutOff;
    this.#cutOff = begun
      ? { firstByteMs, gapMs: Math.max(gapMs, ms) }
      : { firstByteMs: Math.max(firstByteMs, ms), gapMs };
  }
}

function atLeast(limitMs: number, expectedMs: number, cutOffMs: number): number {
  const usefulMs = Math.max(Math.min(longestMs, patience * expectedMs), Math.min(longestAfterCutOffMs, 2 * cutOffMs));
  return Math.round(Math.max(limitMs, usefulMs));
}

/** Mean and mean deviation of a series that drifts, with the weights of RFC 6298. */
class DriftingMean {
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

  /** A limit that hardly any sample exceeds, within bounds; `unknown` before the first sample. */
  limit(unknown: number): number {
    if (this.#mean === undefined) return unknown;
    return Math.min(usual.most, Math.max(usual.least, Math.round(this.#mean + 4 * this.#deviation)));
  }
}
