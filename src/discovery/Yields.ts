import type { PoolClock } from "../peers/PoolContext.js";
import type { Receiver } from "../peers/Peer.js";
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

  /** A request to the mirror begins, whose bytes go through the result on their way to the receiver; the second result is for when it is given up. */
  begin(mirror: Mirror, receiver: Receiver): { readonly receiver: Receiver; readonly end: () => void } {
    const { clock, spent } = this.#config;
    const beganAt = clock.now();
    let bytes = 0;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      if (this.#isSlow(bytes, clock.now() - beganAt)) spent(mirror);
    };
    const counted: Receiver = {
      room: () => receiver.room(),
      filled: (more) => {
        bytes += more;
        receiver.filled(more);
      },
      take: (piece) => {
        bytes += piece.length;
        receiver.take(piece);
      },
      complete: () => {
        end();
        receiver.complete();
      },
      fail: (error) => {
        if (!isOver) spent(mirror);
        isOver = true;
        receiver.fail(error);
      },
    };
    return { receiver: counted, end };
  }

  #isSlow(bytes: number, ms: number): boolean {
    const perSecond = (bytes * 1000) / Math.max(1, ms);
    if (bytes >= worthyBytes) this.#best = Math.max(this.#best, perSecond);
    return ms >= longEnoughMs && perSecond < Math.max(slowBytesPerSecond, slowShare * this.#best);
  }
}
