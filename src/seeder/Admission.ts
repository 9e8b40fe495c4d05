import type { SchedulerLike } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";

/** Addresses that are answered at a time, and as long as others wait that were turned away before. */
const mostAnswered = 32;
const mostWhileOthersWait = 16;
/** An address that has not come again for so long does not wait any more, ms: a client that hears that a peer is busy comes again within eight seconds. */
const waitsMs = 10_000;
/**
 * Addresses that wait. Others are turned away as well, and come by chance: a network can have addresses without end, and each request looks at all that wait.
 */
const mostWaiting = 1024;

/**
 * The downloads of one file that are answered here at a time while some share it, by their addresses.
 *
 * A chunk is passed on when it is whole, so a line of which each of a large crowd has an equal part helps nobody: first bytes come so late that they are given
 * up. Some are answered, and the others get from them what these have got. Whoever has been waiting for longest goes first, so that what comes from here comes
 * to all parts of the crowd; its place is kept until it comes again. Those who share nothing are in the same line, which would be theirs otherwise. Addresses
 * are counted, because one that opens many connections keeps no more of the others away.
 */
export class Admission {
  readonly #scheduler: SchedulerLike;
  /** Answers under way to each address. */
  readonly #answers = new Map<string, number>();
  /** When each address that waits was turned away last; those that have been waiting for longest first. */
  readonly #waiting = new Map<string, number>();

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
  }

  /**
   * One more answer to the address begins.
   *
   * @throws DownloadError `PEER_BUSY` while so many others are answered, or fewer and others have been waiting for longer.
   */
  enter(address: string): void {
    if (!this.#admits(address)) {
      if (this.#waiting.size < mostWaiting || this.#waiting.has(address))
        this.#waiting.set(address, this.#scheduler.now());
      throw new DownloadError("PEER_BUSY", "others are getting chunks from here, and pass them on");
    }
    this.#waiting.delete(address);
    this.#answers.set(address, (this.#answers.get(address) ?? 0) + 1);
  }

  /** An answer to the address has ended. */
  leave(address: string): void {
    const left = (this.#answers.get(address) ?? 0) - 1;
    if (left > 0) this.#answers.set(address, left);
    else this.#answers.delete(address);
  }

  #admits(address: string): boolean {
    this.#forget();
    const { size } = this.#answers;
    if (this.#waiting.size === 0) return size < mostAnswered || this.#answers.has(address);
    return size < mostWhileOthersWait || this.#isNext(address, mostAnswered - size);
  }

  /** True when the address is one of so many that have been waiting for longest. */
  #isNext(address: string, places: number): boolean {
    let place = 0;
    for (const waiting of this.#waiting.keys()) {
      if (place++ >= places) return false;
      if (waiting === address) return true;
    }
    return false;
  }

  #forget(): void {
    const since = this.#scheduler.now() - waitsMs;
    for (const [address, at] of this.#waiting) if (at <= since) this.#waiting.delete(address);
  }
}
