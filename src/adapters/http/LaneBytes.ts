import { debuglog } from "node:util";

const debug = debuglog("tributary");

/** How much of the bodies of one line came by which way; told once, when `NODE_DEBUG` names `tributary`. */
export class LaneBytes {
  #origin: string | undefined;
  #direct = 0;
  #ordinary = 0;
  #isTold = false;

  /** A request is made to this address; the line is called after the first one, as far as that has no secrets. */
  asks(url: string): void {
    this.#origin ??= new URL(url).origin;
  }

  readonly countDirect = (bytes: number): void => void (this.#direct += bytes);

  readonly countOrdinary = (bytes: number): void => void (this.#ordinary += bytes);

  tell(): void {
    if (this.#isTold || this.#origin === undefined) return;
    this.#isTold = true;
    debug("%s: direct %d bytes, ordinary %d bytes", this.#origin, this.#direct, this.#ordinary);
  }
}
