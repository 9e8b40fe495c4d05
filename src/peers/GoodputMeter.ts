/** Shorter spans say nothing on a millisecond clock. */
const shortestMs = 10;
/** After so many legs in a row that came in one piece, nothing flows any more. */
const piecesThatTell = 3;

/**
 * Measures how fast a peer is over all its legs. Only the time in which bytes flow counts, from the first piece of one leg to the last
 * of another: what a request takes to get there and back says nothing of speed. Of a peer whose legs come in one piece, so that nothing
 * flows, it is what came while it had any leg.
 */
export class GoodputMeter {
  #since = 0;
  #bytes = 0;
  #flowBytes = 0;
  #flowMs = 0;
  #flowingSince = 0;
  #heardAt = 0;
  #flows = false;
  /** Pieces in a row that nothing flowed after. */
  #lonePieces = 0;
  #roughly: number | undefined;

  /** Bytes a second since it last began to work, until its last bytes, round trips included: no sample, and less than it can. */
  get roughly(): number | undefined {
    return this.#roughly;
  }

  /** How long bytes have flowed since the last sample, ms. */
  get flowMs(): number {
    return this.#flowMs;
  }

  /** The peer was idle and begins to work. */
  start(now: number): void {
    this.#since = now;
    this.#bytes = 0;
  }

  /** `flows`: whether a leg of the peer had brought something before, and was not at its end. */
  add(bytes: number, now: number, flows: boolean): void {
    this.#bytes += bytes;
    if (!flows) {
      this.#flowingSince = now;
      this.#lonePieces += 1;
    }
    // Bytes that come with the first piece were on their way before the flow began.
    if (now > this.#flowingSince) {
      this.#flowBytes += bytes;
      this.#flowMs += now - this.#heardAt;
      this.#lonePieces = 0;
    }
    this.#heardAt = now;
    this.#roughly = this.guess(now);
  }

  /** Bytes a second since the last sample, or `undefined` while the span is too short to tell. */
  sample(now: number): number | undefined {
    if (this.#flowMs >= shortestMs) this.#flows = true;
    else if (this.#lonePieces >= piecesThatTell) this.#flows = false;
    const bytes = this.#flows ? this.#flowBytes : this.#bytes;
    const ms = this.#flows ? this.#flowMs : now - this.#since;
    if (ms < shortestMs || bytes === 0) return undefined;
    this.start(now);
    this.#flowBytes = 0;
    this.#flowMs = 0;
    return (bytes * 1000) / ms;
  }

  /** The best guess for a peer that was never sampled: what it brought so far, over the shortest span that counts. */
  guess(now: number): number {
    return (this.#bytes * 1000) / Math.max(shortestMs, now - this.#since);
  }
}
