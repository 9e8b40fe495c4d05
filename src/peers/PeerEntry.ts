import { Subject, Subscription } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import { GoodputMeter } from "./GoodputMeter.js";
import { LegLimit } from "./LegLimit.js";
import { legsToFill } from "./legsToFill.js";
import type { Peer } from "./Peer.js";
import { ewma, type PeerRecord } from "./PeerRecord.js";
import { RequestRate } from "./RequestRate.js";
import { RoundTripFloor } from "./RoundTripFloor.js";
import { Silence } from "./Silence.js";
import type { Standing } from "./Standing.js";
import { healthy } from "./Standing.js";

/** How many requests may come at once before the request rate counts. */
const burst = 8;

/** Of the time that a request takes alone; less than all of it, because a speed may be underestimated. */
const paceShare = 0.8;
/** Nothing takes a speed below this, bytes a second: a long row of stalls would end in one that no proof brings back. */
const slowest = 1024;
/** Timers are no finer. */
const shortestPaceMs = 10;
/** However slow the peer seems: it may have become faster, and only a leg can show it. */
const longestPaceMs = 10_000;

/** A peer that was busy so many times in a row is no reason to leave others alone that would be asked without it. */
const busyAnswersThatTell = 3;

/** All that the pool knows of one peer in this download. */
export class PeerEntry {
  peer: Peer;
  /** Breaks ties: who was known first. */
  readonly order: number;
  present = true;
  standing: Standing = healthy;
  record: PeerRecord;
  inFlight = 0;
  /** Legs that have brought something and are not at their end. */
  flowing = 0;
  bytes = 0;
  /** The size of the last piece that it brought. */
  pieceBytes: number | undefined;
  /** When its last bytes came. */
  heardAt: number | undefined;
  /** When its next leg may begin, if it has any. */
  pacedUntil = 0;
  /** Whether a leg of it has ended: the time of the first one says more of dialling than of the peer. */
  warm = false;
  /** Whether one of its chunks has been verified. */
  proven = false;
  /** Not asked for a moment, and not to blame: see `Reach`. */
  resting = false;
  /** When it was given a new connection, because the one before was silent. */
  renewedAt = -Infinity;
  /** Consecutive busy answers. */
  busyAnswers = 0;
  /** How often it was blacklisted in this run. */
  blacklistings = 0;
  /** Chunks that it said it lacks. */
  readonly missing = new Set<number>();
  /** The last failure that was counted; several legs may die of it. */
  incident: DownloadError | undefined;
  /** Ends its legs. */
  readonly cut = new Subject<DownloadError>();
  /** The timer that brings it back into the ranking. */
  wake = Subscription.EMPTY;
  readonly limit: LegLimit;
  readonly rate: RequestRate;
  readonly meter = new GoodputMeter();
  readonly silence = new Silence();
  readonly roundTrip = new RoundTripFloor();
  readonly #chunkBytes: number;
  /** Bytes a second as they were measured; `record` has what is expected, which may be less. */
  #measuredRate: number | undefined;
  #lasting: { readonly of: PeerRecord; readonly record: PeerRecord } | undefined;

  constructor(
    peer: Peer,
    order: number,
    record: PeerRecord,
    config: { readonly maxLegs: number; readonly chunkBytes: number; readonly perSecond: number; readonly now: number },
  ) {
    this.peer = peer;
    this.order = order;
    this.record = record;
    this.#measuredRate = record.bytesPerSecond;
    this.#chunkBytes = config.chunkBytes;
    this.limit = new LegLimit(config.maxLegs, peer.bears);
    this.rate = new RequestRate(config.perSecond, burst, config.now);
  }

  /**
   * A leg for so many bytes begins; the next one waits for most of the time that they take alone. Legs that start together end together, and
   * leave the way empty until the next ones arrive; apart they take turns. Not while more connections may still bring more.
   */
  pace(bytes: number, now: number): void {
    const { bytesPerSecond } = this.record;
    const apartMs = bytesPerSecond === undefined ? 0 : (paceShare * bytes * 1000) / bytesPerSecond;
    const seeks = this.peer.connectsEach === true && this.limit.grows;
    this.pacedUntil = seeks || apartMs < shortestPaceMs ? 0 : now + Math.min(apartMs, longestPaceMs);
  }

  /** So many bytes a second were measured. */
  sampled(bytesPerSecond: number): void {
    const expected = ewma(this.record.bytesPerSecond, bytesPerSecond);
    const agrees = this.record.bytesPerSecond === this.#measuredRate;
    this.#measuredRate = agrees ? expected : ewma(this.#measuredRate, bytesPerSecond);
    this.record = { ...this.record, bytesPerSecond: expected };
  }

  /** The record for later downloads: what is expected now may be due to our own line, or pass. The same object while nothing changes. */
  get lasting(): PeerRecord {
    const { record } = this;
    if (this.#measuredRate === undefined || record.bytesPerSecond === this.#measuredRate) return record;
    if (this.#lasting?.of !== record) {
      this.#lasting = { of: record, record: { ...record, bytesPerSecond: this.#measuredRate } };
    }
    return this.#lasting.record;
  }

  /** It was seen to bring this share of its usual speed, and is expected to bring no more until it proves it. */
  slowedTo(share: number): void {
    const { bytesPerSecond } = this.record;
    if (bytesPerSecond === undefined || share >= 1 || bytesPerSecond <= slowest) return;
    this.record = { ...this.record, bytesPerSecond: Math.max(slowest, share * bytesPerSecond) };
  }

  /** How long the next leg should wait for those before, ms. */
  paceMs(now: number): number {
    return this.inFlight === 0 ? 0 : Math.max(0, Math.ceil(this.pacedUntil - now));
  }

  /** Neither gone nor out of this download for good. */
  get alive(): boolean {
    return this.present && this.standing.state !== "excluded" && this.standing.state !== "quarantined";
  }

  /** Whether a leg could start now, but for the request rate. */
  get open(): boolean {
    if (!this.present || this.resting) return false;
    if (this.standing.state === "probing") return this.inFlight === 0;
    return this.standing.state === "healthy" && this.inFlight < this.#mostLegs;
  }

  /** As many as it withstands, but no more than it is fast enough for. One that cannot start in the middle has one stream. */
  get #mostLegs(): number {
    if (!this.peer.ranges) return 1;
    const { bytesPerSecond } = this.record;
    if (bytesPerSecond === undefined) return this.limit.legs;
    const cut = { chunkBytes: this.#chunkBytes, connectsEach: this.peer.connectsEach === true };
    return Math.min(this.limit.legs, legsToFill(bytesPerSecond, this.roundTrip.ms ?? 0, cut));
  }

  get keepsSayingNo(): boolean {
    return this.busyAnswers >= busyAnswersThatTell;
  }

  /** It may have got chunks since it said that it lacks them. */
  reconsider(): void {
    for (const chunk of this.missing) if (this.peer.has?.(chunk) === true) this.missing.delete(chunk);
  }

  couldServe(chunk: number): boolean {
    return this.alive && !this.missing.has(chunk) && this.peer.has?.(chunk) !== false;
  }
}
