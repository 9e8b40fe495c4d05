import { busyWaitMs } from "../errors/busyWaitMs.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { isBusy } from "../errors/isBusy.js";
import { verdicts } from "../errors/verdicts.js";
import type { PoolClock } from "../peers/PoolContext.js";

/** A peer as far as a question to it goes. */
export interface AskedPeer {
  readonly id: string;
  renew?(): void;
}

interface Rest {
  /** Busy answers in a row. */
  readonly answers: number;
  untilMs: number;
}

/** The peers of one question: those that were asked since the last wait, those that rest, and those that are out for good. */
export class AskedPeers<P extends AskedPeer> {
  known: readonly P[] = [];
  readonly #clock: PoolClock;
  readonly #asked = new Set<P>();
  readonly #refused = new Set<P>();
  readonly #rests = new Map<P, Rest>();

  constructor(clock: PoolClock) {
    this.#clock = clock;
  }

  asks(peer: P): void {
    this.#asked.add(peer);
  }

  answered(peer: P): void {
    this.#rests.delete(peer);
  }

  /** A peer failed; returns how long it rests, ms. `excuseMs` is there where that was nobody's failure. */
  failed(peer: P, error: DownloadError, excuseMs: number | undefined): number {
    if (excuseMs === undefined && verdicts[error.code].verdict === "switch") this.#refused.add(peer);
    const answers = (this.#rests.get(peer)?.answers ?? 0) + 1;
    const ms = isBusy(error) ? busyWaitMs(answers, error) : excuseMs;
    if (ms === undefined) this.#rests.delete(peer);
    else this.#rests.set(peer, { answers: isBusy(error) ? answers : 0, untilMs: this.#clock.now() + ms });
    return ms ?? 0;
  }

  readonly isOut = (peer: P): boolean => this.#refused.has(peer) || this.#isResting(peer);

  /** The first peer that was not asked yet and may be. */
  get unasked(): P | undefined {
    return this.known.find((peer) => !this.#asked.has(peer) && !this.isOut(peer));
  }

  /** Begins another round, in which every peer may be asked again. */
  startAgain(): void {
    this.#asked.clear();
  }

  get isAnybodyUp(): boolean {
    return this.known.some((peer) => !this.isOut(peer));
  }

  /** Time until the first rest ends, ms; nothing where nobody rests. That peer may be asked then, however timers are rounded. */
  endFirstRest(): number | undefined {
    const now = this.#clock.now();
    const rests = this.known.filter((peer) => !this.#refused.has(peer)).flatMap((peer) => this.#rests.get(peer) ?? []);
    const untilMs = Math.min(...rests.map((rest) => rest.untilMs).filter((ms) => ms > now));
    if (untilMs === Infinity) return undefined;
    for (const rest of rests) if (rest.untilMs === untilMs) rest.untilMs = 0;
    return untilMs - now;
  }

  #isResting(peer: P): boolean {
    return (this.#rests.get(peer)?.untilMs ?? 0) > this.#clock.now();
  }
}
