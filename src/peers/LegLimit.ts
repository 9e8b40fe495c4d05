/**
 * How many legs one peer may have in flight for what it withstands: as many as it says, or one, until its first verified chunk, so that a liar costs one chunk; then one more
 * with each success (slow start); after a timeout or a busy answer half as many, and from then on one more per window of
 * successes. Additive increase, multiplicative decrease, as in TCP (RFC 5681).
 */
export class LegLimit {
  readonly #most: number;
  #limit: number;
  #slowStart = true;
  #credit = 0;

  constructor(most: number, first = 1) {
    this.#most = most;
    this.#limit = Math.min(most, first);
  }

  get legs(): number {
    return this.#limit;
  }

  /** Whether it may still turn out to bear more than it was asked for. */
  get grows(): boolean {
    return this.#slowStart && this.#limit < this.#most;
  }

  succeeded(): void {
    this.#credit += this.#slowStart ? this.#limit : 1;
    if (this.#credit < this.#limit) return;
    this.#credit = 0;
    this.#limit = Math.min(this.#most, this.#limit + 1);
  }

  overloaded(): void {
    this.#slowStart = false;
    this.#credit = 0;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }
}
