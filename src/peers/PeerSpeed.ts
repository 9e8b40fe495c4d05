import { ewma } from "../../operators/ewma.js";
import { GoodputMeter } from "./GoodputMeter.js";
import type { PeerRecord } from "./PeerRecord.js";
import { RoundTripFloor } from "./RoundTripFloor.js";
import { TimeoutEstimator } from "./TimeoutEstimator.js";

/** The lowest speed that a peer is taken to have, bytes a second: without it a long row of stalls would end in one that no proof brings back. */
const slowest = 1024;

/** A first leg that flowed for so long tells how slow the peer is, whatever its beginning took. */
const longFirstLegMs = 400;

/** A leg that bytes came to. */
export interface HeardLeg {
  readonly startedAt: number;
  /** When its last bytes came before. */
  readonly heardAt: number | undefined;
  readonly wasAlone: boolean;
}

/** How fast one peer is: what it is expected to bring, what was measured of it, and how long it usually lets us wait. Times are the pool's clock, ms. */
export class PeerSpeed {
  readonly timeouts = new TimeoutEstimator();
  readonly #meter = new GoodputMeter();
  readonly #roundTrip = new RoundTripFloor();
  #bytesPerSecond: number | undefined;
  /** As it was measured; what is expected may be less. */
  #measured: number | undefined;
  #roundTripMs: number | undefined;
  /** True when a leg has ended: the time of the first one says more of dialling than of the peer. */
  #isWarm = false;
  /** True when the speed is that of the first leg, which the next one corrects. */
  #isGuess = false;
  #pieceBytes: number | undefined;
  #heardAt: number | undefined;

  constructor({ bytesPerSecond, roundTripMs }: PeerRecord) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#measured = bytesPerSecond;
    this.#roundTripMs = roundTripMs;
  }

  /** Bytes a second that it is expected to bring, all its legs together. */
  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond;
  }

  /** Bytes a second as measured: what is expected now may be due to our own line, or pass. */
  get measured(): number | undefined {
    return this.#measured;
  }

  /** Bytes a second to reckon with while none were measured. */
  get roughly(): number | undefined {
    return this.#bytesPerSecond ?? this.#meter.roughly;
  }

  /** The shortest round trip of late, in this run or before. */
  get recordedRoundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** The shortest round trip of this run. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip.ms;
  }

  /** The size of the last piece that it brought. */
  get pieceBytes(): number | undefined {
    return this.#pieceBytes;
  }

  /** When its last bytes came. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  /** The peer was idle and begins to work. */
  began(now: number): void {
    this.#meter.start(now);
  }

  /** Bytes of a leg came; `flows` says whether a leg was flowing before, `wasPaused` whether we ourselves kept the peer back meanwhile. */
  heard(leg: HeardLeg, bytes: number, now: number, { flows, wasPaused }: { flows: boolean; wasPaused: boolean }): void {
    this.#pieceBytes = bytes;
    this.#heardAt = now;
    this.#meter.add(bytes, now, flows && !wasPaused);
    if (wasPaused) return;
    if (leg.heardAt !== undefined) {
      this.timeouts.gapTook(now - leg.heardAt);
      return;
    }
    const ms = now - leg.startedAt;
    this.timeouts.firstByteTook(ms);
    if (!this.#isWarm) return;
    this.#roundTrip.heard(ms, now, leg.wasAlone);
    this.#roundTripMs = this.#roundTrip.ms;
  }

  /** A leg has ended, whatever became of it: takes a sample of what came. */
  sample(now: number): void {
    const isFirst = !this.#isWarm;
    if (isFirst) this.#isWarm = this.#heardAt !== undefined;
    if (isFirst && this.#meter.flowMs < longFirstLegMs) return;
    const sample = this.#meter.sample(now) ?? (this.#bytesPerSecond === undefined ? this.#meter.guess(now) : 0);
    if (sample <= 0) return;
    const before = this.#isGuess ? undefined : this.#bytesPerSecond;
    const expected = ewma(before, sample);
    const agrees = this.#bytesPerSecond === this.#measured;
    this.#measured = agrees || this.#isGuess ? expected : ewma(this.#measured, sample);
    this.#bytesPerSecond = expected;
    this.#isGuess = isFirst;
  }

  /** The peer was seen to bring this share of its usual speed, and is expected to bring no more until it proves it. */
  slowedTo(share: number): void {
    const before = this.#bytesPerSecond;
    if (before === undefined || share >= 1 || before <= slowest) return;
    this.#bytesPerSecond = Math.max(slowest, share * before);
  }
}
