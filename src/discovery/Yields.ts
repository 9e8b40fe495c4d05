import type { PoolClock } from "../peers/PoolContext.js";
import type { Receiver } from "../peers/Peer.js";
import { type WatchedReceiver, watchReceiver } from "../peers/watchReceiver.js";
import type { Mirror } from "./Mirror.js";

/** A request tells of its mirror when it has lasted so long, ms. */
const longEnoughMs = 1000;
/** Bytes that a mirror has to have brought before its speed can be the best one. */
const worthyBytes = 64 * 1024;
/** A mirror is slow that brings less than so many bytes a second, or than this share of what the best one brings. */
const slowBytesPerSecond = 20_000;
const slowShare = 1 / 8;

export interface YieldsConfig {
  readonly clock: PoolClock;
  /** Told of each mirror that failed or turned out to be slow. */
  readonly spent: (mirror: Mirror) => void;
}

/** Requests to the mirrors of one file, as far as they tell whether others would help. */
export class Yields {
  readonly #config: YieldsConfig;
  #best = 0;

  constructor(config: YieldsConfig) {
    this.#config = config;
  }

  /** A request to the mirror begins, whose bytes go through the result on their way to the receiver. */
  begin(mirror: Mirror, receiver: Receiver): WatchedReceiver {
    const { clock, spent } = this.#config;
    const beganAt = clock.now();
    let bytes = 0;
    return watchReceiver(receiver, {
      came: (more) => (bytes += more),
      ended: () => {
        if (this.#isSlow(bytes, clock.now() - beganAt)) spent(mirror);
      },
      failed: () => spent(mirror),
    });
  }

  #isSlow(bytes: number, ms: number): boolean {
    const perSecond = (bytes * 1000) / Math.max(1, ms);
    if (bytes >= worthyBytes) this.#best = Math.max(this.#best, perSecond);
    return ms >= longEnoughMs && perSecond < Math.max(slowBytesPerSecond, slowShare * this.#best);
  }
}
