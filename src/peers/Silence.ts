import { Deviation } from "./Deviation.js";

const bounds = { least: 2000, most: 15_000 };

/** How long one peer usually lets us wait, and so how long a silence of it may last. Milliseconds. */
export class Silence {
  readonly #firstByte = new Deviation();
  readonly #gaps = new Deviation();

  /** From a request to its first byte, dialling included, as it usually is. */
  get usualFirstByteMs(): number | undefined {
    return this.#firstByte.mean;
  }

  /** The longest that a first byte may take: 10 s until one has come. */
  get firstByteLimitMs(): number {
    return this.#firstByte.limit({ unknown: 10_000, ...bounds });
  }

  /** The longest that a leg may be silent once it has begun: 2 s until a gap is known. */
  get idleLimitMs(): number {
    return this.#gaps.limit({ unknown: 2000, ...bounds });
  }

  firstByteTook(ms: number): void {
    this.#firstByte.add(ms);
  }

  gapTook(ms: number): void {
    this.#gaps.add(ms);
  }
}
