/** For so long a shorter round trip outweighs longer ones. */
const windowMs = 10_000;

/**
 * The shortest time to a first byte of late: what the way to a peer takes when nothing is in front. An average would count the wait
 * behind our own requests, so that more of them would seem to be needed, which wait longer still. After the round trip filter of
 * BBR (Cardwell et al., 2016), which has to empty the way now and then to look again; here only a request that was alone on
 * its peer makes it longer.
 */
export class RoundTripFloor {
  #ms: number | undefined;
  #at = 0;

  get ms(): number | undefined {
    return this.#ms;
  }

  /** `alone`: whether nothing else was asked of the peer when this request began. */
  heard(ms: number, now: number, alone: boolean): void {
    const outdated = alone && now - this.#at > windowMs;
    if (this.#ms !== undefined && ms > this.#ms && !outdated) return;
    this.#ms = ms;
    this.#at = now;
  }
}
