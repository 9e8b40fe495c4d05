/** A tenth times ten is a little less than one: so much may be missing. */
const rounding = 1e-9;

/** A token bucket that time fills, full at first. Arithmetic alone: whoever uses it tells the time, in ms, and waits. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  #at: number;

  constructor({ capacity, perSecond }: { readonly capacity: number; readonly perSecond: number }, now: number) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#tokens = capacity;
    this.#at = now;
  }

  /** Tokens in it, a fraction included; less than nothing after more was taken than was there. */
  tokens(now: number): number {
    // A clock that was set back earns nothing.
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#at = now;
    this.#tokens = Math.min(this.#capacity, this.#tokens + seconds * this.#perSecond);
    return this.#tokens;
  }

  has(tokens: number, now: number): boolean {
    return this.tokens(now) >= tokens - rounding;
  }

  /** Milliseconds until it has so many; 0 for now, Infinity where time brings none. */
  waitMs(tokens: number, now: number): number {
    const missing = tokens - rounding - this.tokens(now);
    return missing <= 0 ? 0 : Math.ceil((missing / this.#perSecond) * 1000);
  }

  /** Takes tokens, there or not. */
  take(tokens: number, now: number): void {
    const left = this.tokens(now) - tokens;
    this.#tokens = Math.abs(left) < rounding ? 0 : left;
  }

  /** Adds tokens, as far as there is room. */
  add(tokens: number, now: number): void {
    this.#tokens = Math.min(this.#capacity, this.tokens(now) + tokens);
  }
}
