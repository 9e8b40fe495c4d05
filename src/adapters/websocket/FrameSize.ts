import { leastDataBytes, maxDataBytes } from "../../protocol/protocol.js";

const least = 4 * leastDataBytes;
/** A frame that takes no longer may be twice as large. */
const quickMs = 50;
/** No frame is to take longer. */
const slowMs = 250;

/**
 * How large the data messages of one connection may be. A message is heard only when it is whole: on a slow line a large one looks
 * like silence, and what came of it is lost when its request ends; on a fast line small ones cost time. So the size follows the line,
 * as a slow start does (RFC 5681): from 4 KiB on it doubles while a message takes at most 50 ms, so that the first 256 KiB of a fast
 * line make it 256 KiB, and falls to what comes in 250 ms.
 *
 * Only what was sent counts, however it was cut: answers that are under way keep the size they were asked for with.
 */
export class FrameSize {
  #bytes = least;
  /** Since when the line has been at work on what came last; `undefined` while nothing is asked for. */
  #since: number | undefined;
  #came = 0;

  /** Payload bytes of a message, for what is asked for now. */
  asked(now: number): number {
    this.#since ??= now;
    return this.#bytes;
  }

  came(bytes: number, now: number): void {
    if (this.#since === undefined) return;
    this.#came += bytes;
    if (this.#came >= this.#bytes || now - this.#since > slowMs) this.#settle(now, this.#since);
  }

  /** A request ended without its answer: that the line was silent for so long tells of it, too. */
  gaveUp(now: number): void {
    if (this.#since !== undefined && now - this.#since > slowMs) this.#settle(now, this.#since);
  }

  /** Ends the measurement: nothing is asked for any more, and from now on silence says nothing. */
  rest(): void {
    this.#since = undefined;
    this.#came = 0;
  }

  #settle(now: number, since: number): void {
    const ms = now - since;
    // A message that has not come yet may come at once: so much at the most.
    const bytes = Math.max(this.#came, this.#bytes);
    if (ms * this.#bytes <= quickMs * bytes) this.#bytes = Math.min(2 * this.#bytes, maxDataBytes);
    else while (this.#bytes > least && ms * this.#bytes > slowMs * bytes) this.#bytes /= 2;
    this.#since = now;
    this.#came = 0;
  }
}
