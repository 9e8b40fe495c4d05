import type { SchedulerLike } from "rxjs";

/** The peers that asked to be left alone for a time (`Retry-After`), and for how much longer. */
export class PeerRests {
  readonly #scheduler: SchedulerLike;
  readonly #rests = new Map<unknown, { readonly untilMs: number; readonly forMs: number }>();

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
  }

  /** Milliseconds for which a peer still rests; 0 when it may be asked. */
  leftMs(peer: unknown): number {
    const rest = this.#rests.get(peer);
    if (rest === undefined) return 0;
    // No more than all of it, for a wall clock that was set back.
    const leftMs = Math.min(rest.forMs, rest.untilMs - this.#scheduler.now());
    if (leftMs > 0) return leftMs;
    this.#rests.delete(peer);
    return 0;
  }

  /** A peer rests for so long from now on; a rest that lasts longer already stands. */
  add(peer: unknown, forMs: number): void {
    if (forMs > this.leftMs(peer)) this.#rests.set(peer, { untilMs: this.#scheduler.now() + forMs, forMs });
  }
}
