import type { SchedulerLike } from "rxjs";
import type { ByteRange, Receiver } from "../peers/Peer.js";
import { type WatchedReceiver, watchReceiver } from "../peers/watchReceiver.js";

/** Neighbours that have to have been asked for, one after the other, before the next one is taken to be followed by more. */
const enough = 2;
/**
 * Waits for answers count when they are longer than this on the average, ms, and more than this share of all the time: a long answer is read at a higher price.
 */
const noticedMs = 10;
const noticedShare = 0.1;

/**
 * Judge of the order in which a mirror is asked: for one neighbour after the other, and for one at a time, as by a download to which it grants no
 * second connection, and with a wait for each that is worth to be spared. Found as the readahead of file systems is: by what was asked.
 */
export class Succession {
  readonly #clock: SchedulerLike;
  #asking = 0;
  /** Where the request ends that began last. */
  #end = -1;
  /** Neighbours in a row, and the time that the requests before them took to begin, and in all. */
  #row = 0;
  #waitedMs = 0;
  #tookMs = 0;

  constructor(clock: SchedulerLike) {
    this.#clock = clock;
  }

  /** True when the request that began last is likely to be followed by its neighbour, and had better be asked for together with it. */
  get goesOn(): boolean {
    const isNoticed = this.#waitedMs >= noticedMs * this.#row && this.#waitedMs >= noticedShare * this.#tookMs;
    return this.#row >= enough && isNoticed;
  }

  /** A request begins, whose bytes go through the result on their way to the receiver. */
  begin({ position, length }: ByteRange, receiver: Receiver): WatchedReceiver {
    const isNext = this.#asking === 0 && position === this.#end;
    if (!isNext) this.#row = this.#waitedMs = this.#tookMs = 0;
    else this.#row += 1;
    this.#end = position + length;
    this.#asking += 1;
    const at = this.#clock.now();
    let heardAt: number | undefined;
    return watchReceiver(receiver, {
      came: () => (heardAt ??= this.#clock.now()),
      ended: () => {
        this.#asking -= 1;
        const now = this.#clock.now();
        this.#waitedMs += (heardAt ?? now) - at;
        this.#tookMs += now - at;
      },
    });
  }
}
