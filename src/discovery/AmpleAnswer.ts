import { type Observable, type SchedulerLike, Subject } from "rxjs";
import type { Receiver } from "../peers/Peer.js";
import { type WatchedReceiver, watchReceiver } from "../peers/watchReceiver.js";

/** A quarter of a gigabit a second: more than most lines have, and from there on the thread is what there is too little of. */
const ampleBytesPerSecond = 32 * 1024 * 1024;
/** Time over which a speed counts, ms. */
const judgedMs = 200;

/**
 * Judge of a mirror whose requests are dear, as those of `fetch` in a page are: a millisecond or more of the one thread that reads all answers. As long as
 * one answer is ample, the file is read along it, and no other one is asked for; one that is not is no more than any connection, from then on.
 */
export class AmpleAnswer {
  readonly #clock: SchedulerLike;
  readonly #changes = new Subject<void>();
  /** Emits when `isLikely` has changed. */
  readonly changes: Observable<void> = this.#changes.asObservable();
  #isLikely: boolean;
  #reading = 0;
  /** Time of reading that was judged, and what came since, and when that began. */
  #bytes = 0;
  #readMs = 0;
  #since = 0;

  constructor(isDear: boolean, clock: SchedulerLike) {
    this.#isLikely = isDear;
    this.#clock = clock;
  }

  /** True when one answer is, or may be, as much as this program can take. */
  get isLikely(): boolean {
    return this.#isLikely;
  }

  /** Watches what a request brings on its way to the receiver. */
  watch(receiver: Receiver): WatchedReceiver {
    if (this.#reading === 0) this.#since = this.#clock.now();
    this.#reading += 1;
    return watchReceiver(receiver, {
      came: (bytes) => this.#came(bytes),
      ended: () => {
        this.#reading -= 1;
        if (this.#reading === 0) this.#readMs += this.#clock.now() - this.#since;
      },
    });
  }

  #came(bytes: number): void {
    if (!this.#isLikely) return;
    this.#bytes += bytes;
    const now = this.#clock.now();
    const readMs = this.#readMs + (this.#reading > 0 ? now - this.#since : 0);
    if (readMs < judgedMs) return;
    if ((1000 * this.#bytes) / readMs < ampleBytesPerSecond) {
      this.#isLikely = false;
      this.#changes.next();
    }
    this.#bytes = this.#readMs = 0;
    this.#since = now;
  }
}
