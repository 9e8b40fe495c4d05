/** A ceiling is tried again after so long, and twice as long each time that it held. */
const firstTryMs = 15_000;
const longestTryMs = 300_000;

/**
 * How many legs one peer may have in flight for what it withstands: one until its first verified chunk, so that a liar costs one chunk, or as many as it says
 * (`Peer.bears`), which is what a lie costs then; one more with each success (slow start); after a timeout or a busy answer half as many, and from then on one
 * more per window of successes. Additive increase, multiplicative decrease, as in TCP (RFC 5681).
 *
 * A peer that refuses one more leg while it serves others has a ceiling: that is remembered, and tried again only now and then. When those others
 * are refused as well, it was no ceiling.
 */
export class AimdLimit {
  readonly #most: number;
  #limit: number;
  #slowStart = true;
  #credit = 0;
  #ceiling = Infinity;
  #tryMs = firstTryMs;
  /** When one more than the ceiling may be tried. */
  #triesAt = 0;
  /** The limit and the ceiling that stood before a refusal lowered them, until the peer has served below the new ceiling. */
  #before: { readonly limit: number; readonly ceiling: number } | undefined;

  constructor(most: number, first = 1) {
    this.#most = most;
    this.#limit = Math.min(most, first);
  }

  get legs(): number {
    return this.#limit;
  }

  /** True when the peer may still turn out to bear more than it was asked for. */
  get grows(): boolean {
    return this.#slowStart && this.#limit < this.#most;
  }

  succeeded(now: number): void {
    this.#before = undefined;
    this.#credit += this.#slowStart ? this.#limit : 1;
    if (this.#credit < this.#limit) return;
    this.#credit = 0;
    if (this.#limit >= this.#ceiling && now < this.#triesAt) return;
    this.#limit = Math.min(this.#most, this.#limit + 1);
  }

  /** Lowers the limit: one leg more was refused while so many were served. */
  refused(served: number, now: number): void {
    this.#before ??= { limit: this.#limit, ceiling: this.#ceiling };
    this.#slowStart = false;
    this.#credit = 0;
    if (now >= this.#triesAt) {
      this.#triesAt = now + this.#tryMs;
      this.#tryMs = Math.min(longestTryMs, 2 * this.#tryMs);
    }
    this.#ceiling = Math.max(1, served);
    this.#limit = Math.min(this.#limit, this.#ceiling);
  }

  /** The last leg was refused, and nothing was served since the others were. */
  refusedAll(): void {
    this.#limit = this.#before?.limit ?? this.#limit;
    this.#ceiling = this.#before?.ceiling ?? this.#ceiling;
    this.#before = undefined;
    this.overloaded();
  }

  overloaded(): void {
    this.#slowStart = false;
    this.#credit = 0;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }
}
