import { Subject } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { isNoConnection } from "../errors/isNoConnection.js";
import { isOurLimit } from "../errors/isOurLimit.js";
import type { Blame } from "../errors/verdicts.js";
import { verdicts } from "../errors/verdicts.js";
import type { Peer } from "./Peer.js";
import { PeerCapacity } from "./PeerCapacity.js";
import { type HealthState, PeerHealth } from "./PeerHealth.js";
import { PeerOffer } from "./PeerOffer.js";
import type { PeerRecord } from "./PeerRecord.js";
import { type HeardLeg, PeerSpeed } from "./PeerSpeed.js";
import type { PeerUnderWay } from "./PoolEvent.js";
import type { PoolContext } from "./PoolContext.js";

/** Time between two new connections for a peer that stalls, ms. */
const renewEveryMs = 2000;
/** The share of its speed that is left where too little was seen of it. */
const unseenShare = 0.25;

/**
 * When whoever waits may be served after a change: not for one that takes, soon for one whose room belongs first to what replaces a dead leg; perhaps, for one
 * that comes many times a second, each time of use to hardly anybody.
 */
export type ServeWhen = "never" | "now" | "soon" | "perhaps";

/** One peer as the outside may see it. */
export interface PoolMember {
  readonly peer: string;
  readonly present: boolean;
  readonly health: HealthState;
  readonly inFlight: number;
  /** Bytes that it brought in this run. */
  readonly bytes: number;
  readonly record: PeerRecord;
}

/** A leg that has ended. */
export interface EndedLeg extends HeardLeg {
  /** The peer as it was asked; there may be another way to it by now. */
  readonly asked: Peer;
  /** True when that way to the peer could start in the middle when it was asked. */
  readonly ranged: boolean;
  readonly chunk: number;
  readonly received: number;
  shareOfUsual(now: number): number | undefined;
}

/**
 * The pool's knowledge of a peer in this download. All that happens to it is one call here, which changes its own fields and ends in `changed`: there
 * the pool ranks it and serves whoever waits. Of bytes that come only a new round trip is such a change.
 */
export class PooledPeer {
  readonly id: string;
  /** Breaks ties: who was known first. */
  readonly order: number;
  readonly offer: PeerOffer;
  readonly speed: PeerSpeed;
  /** Ends its legs. */
  readonly cut = new Subject<DownloadError>();
  readonly #pool: PoolContext;
  readonly #changed: (peer: PooledPeer, when: ServeWhen) => void;
  readonly #health: PeerHealth;
  readonly #capacity: PeerCapacity;
  /** The record but for its speed. */
  #past: PeerRecord;
  #inFlight = 0;
  #flowing = 0;
  #bytes = 0;
  /** True when a chunk of the peer has been verified. */
  #isProven = false;
  /** True while the peer is not asked for a moment, and not to blame: see `OutageDetector`. */
  #isResting = false;
  /** When it was given a new connection, because the one before was silent. */
  #renewedAt = -Infinity;

  constructor(
    peer: Peer,
    order: number,
    record: PeerRecord,
    pool: PoolContext,
    changed: (peer: PooledPeer, when: ServeWhen) => void,
  ) {
    this.id = peer.id;
    this.order = order;
    this.offer = new PeerOffer(peer, pool, (when) => changed(this, when));
    this.#past = record;
    this.#pool = pool;
    this.#changed = changed;
    this.speed = new PeerSpeed(record);
    this.#capacity = new PeerCapacity(pool, this.speed, peer.bears);
    const wasOpen = record.blacklistedUntil !== undefined;
    this.#health = new PeerHealth(peer.id, pool, wasOpen, () => changed(this, "now"));
  }

  get peer(): Peer {
    return this.offer.way;
  }

  get isPresent(): boolean {
    return this.offer.isPresent;
  }

  get health(): HealthState {
    return this.#health.current;
  }

  get isHealthy(): boolean {
    return this.#health.state === "healthy";
  }

  /** True while the peer is neither gone nor out of this download. */
  get isAlive(): boolean {
    return this.isPresent && !this.#health.isOut;
  }

  /**
   * True when the peer is in this download, and can be reached as far as is known: the last request of it did not fail for want of a connection, nor is it
   * blacklisted because it does not answer in time. A blacklist of an earlier run says nothing of now.
   */
  get isReached(): boolean {
    return this.isAlive && !this.#isOutOfReach;
  }

  get #isOutOfReach(): boolean {
    const { state } = this.#health;
    const isOut = state === "open" || state === "half-open";
    const { code } = this.incident ?? {};
    if (code === undefined || this.#past.failures === 0) return false;
    return (isNoConnection(code) && (isOut || state === "healthy")) || (code === "TIMEOUT" && isOut);
  }

  /** The failure that was counted last in this run. */
  get incident(): DownloadError | undefined {
    return this.#health.incident;
  }

  get keepsSayingNo(): boolean {
    return this.#health.keepsSayingNo;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Legs that have brought something and are not at their end. */
  get flowing(): number {
    return this.#flowing;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Figures that are told while the peer is asked. */
  get underWay(): PeerUnderWay {
    const { roundTripMs } = this.speed;
    const { failures } = this.#past;
    return { failures, ...(roundTripMs !== undefined && { roundTripMs: Math.round(roundTripMs) }) };
  }

  /** The record as is expected now: its speed may be less than was measured. */
  get record(): PeerRecord {
    return this.#recordWith(this.speed.bytesPerSecond);
  }

  /** The record for later downloads, in wall time: its speed as measured. */
  get lasting(): PeerRecord {
    const { opening } = this.#health;
    const record = this.#recordWith(this.speed.measured);
    if (opening === undefined) return record;
    return { ...record, blacklistedUntil: this.#pool.toWall(opening.untilMs), blacklistedFor: opening.code };
  }

  get state(): PoolMember {
    const { id: peer, isPresent: present, health, inFlight, bytes, record } = this;
    return { peer, present, health, inFlight, bytes, record };
  }

  /** True when the peer could take one more leg, but for the pace of requests. */
  get isAvailable(): boolean {
    if (!this.isPresent || this.#isResting) return false;
    if (this.#health.state === "half-open") return this.#inFlight === 0;
    return this.isHealthy && this.#inFlight < this.#capacity.mostLegs(this.peer);
  }

  /** Milliseconds until the next leg may begin, where it is available; 0 for now. */
  get paceMs(): number {
    return this.#capacity.waitMs(this.#inFlight);
  }

  couldServe(chunk: number): boolean {
    return this.isAlive && this.holds(chunk);
  }

  /** As `couldServe`, of a peer that is alive. */
  holds(chunk: number): boolean {
    const { barred } = this.#pool;
    return this.offer.has(chunk) && (barred.size === 0 || barred.get(chunk)?.has(this.id) !== true);
  }

  /** Goes on with the blacklist of an earlier run, at its absolute end, but by no more than a new one would last. */
  resumeBlacklist(): void {
    const { blacklistedUntil, blacklistedFor = "UNKNOWN", failures } = this.#past;
    if (blacklistedUntil === undefined) return;
    const { now, config } = this.#pool;
    const untilMs = Math.min(this.#pool.fromWall(blacklistedUntil), now + config.blacklistMs);
    if (untilMs <= now) return;
    this.#health.open(blacklistedFor, untilMs, failures);
    this.#changed(this, "never");
  }

  /** Lets one leg try before its blacklist ends. */
  probe(): void {
    this.#health.halfOpen(this.#past.failures);
    this.#changed(this, "now");
  }

  legBegan(wantedBytes: number): void {
    if (this.#inFlight++ === 0) this.speed.began(this.#pool.now);
    this.#capacity.legBegan(wantedBytes, this.peer);
    this.#changed(this, "never");
  }

  /** Bytes of the leg came; `wasPaused` says whether we ourselves kept it back since its last ones. */
  heard(leg: HeardLeg, bytes: number, wasPaused: boolean): void {
    const { roundTripMs } = this.speed;
    this.#bytes += bytes;
    this.speed.heard(leg, bytes, this.#pool.now, { flows: this.#flowing > 0, wasPaused });
    if (leg.heardAt === undefined) this.#flowing++;
    if (this.speed.roundTripMs !== roundTripMs) this.#changed(this, "perhaps"); // it may take more legs, or fewer
  }

  legDelivered(leg: EndedLeg): void {
    this.#legEnded(leg, "now", () => {
      this.#pool.tally.ok++;
      this.#capacity.giveBack();
      this.speed.sample(this.#pool.now);
      const { blacklistedUntil: _until, blacklistedFor: _for, ...free } = this.#past;
      const past = this.#health.delivered() ? free : this.#past;
      this.#past = { ...past, ok: past.ok + 1, failures: 0 };
      if (this.#isProven) this.#capacity.succeeded();
    });
  }

  /** The leg broke after real progress: nobody's failure. */
  legBroken(leg: EndedLeg, error: DownloadError): void {
    this.#legEnded(leg, "soon", () => {
      if (error.code === "STALLED") this.#fellSilent(leg);
      else this.#past = { ...this.#past, failures: 0 };
      this.#health.heard();
      this.#stopped(leg);
    });
  }

  /** The leg was not wanted any more. Bytes that came count; a request that brought none was fruitless. */
  legCancelled(leg: EndedLeg): void {
    this.#legEnded(leg, "soon", () => this.#stopped(leg));
  }

  legFailed(leg: EndedLeg, error: DownloadError): void {
    this.#legEnded(leg, "soon", () => {
      const { blame } = verdicts[error.code];
      if (blame === "failure") this.#pool.tally.failed++;
      // A silence is one failure, however many legs it ends, one after the other.
      const isKnown = error.code === "STALLED" && leg.startedAt < this.#renewedAt;
      if (error.code === "STALLED") this.#fellSilent(leg);
      if (this.isAlive && !isKnown) this.#blamed(leg, error, blame);
    });
  }

  /** Bytes of it were found right. */
  proved(): void {
    if (this.#isProven) return;
    this.#isProven = true;
    if (this.#health.state !== "quarantined") {
      const { quarantinedFor: _, ...past } = this.#past;
      this.#past = past;
    }
    this.#capacity.succeeded();
    this.#changed(this, "now");
  }

  /** Quarantines the peer: it is not asked again in this download, and its legs end. */
  quarantined(error: DownloadError): void {
    this.#quarantine(error);
    this.#changed(this, "now");
  }

  /** The peer was seen to bring this share of its usual speed. */
  slowedTo(share: number): void {
    this.speed.slowedTo(share);
    this.#changed(this, "never");
  }

  /** A request was not made, for all that anybody knows. */
  excused(): void {
    this.#capacity.giveBack();
  }

  /** Answers whether it did not rest before. */
  rest(): boolean {
    if (this.#isResting) return false;
    this.#isResting = true;
    this.#changed(this, "never");
    return true;
  }

  wake(): void {
    if (!this.#isResting) return;
    this.#isResting = false;
    this.#changed(this, "now");
  }

  #recordWith(bytesPerSecond: number | undefined): PeerRecord {
    const { recordedRoundTripMs: roundTripMs } = this.speed;
    return {
      ...this.#past,
      ...(bytesPerSecond !== undefined && { bytesPerSecond }),
      ...(roundTripMs !== undefined && { roundTripMs }),
    };
  }

  #legEnded(leg: EndedLeg, when: "now" | "soon", outcome: () => void): void {
    const before = this.#past;
    this.#inFlight--;
    if (leg.heardAt !== undefined) this.#flowing--;
    outcome();
    if (leg.received > 0 || this.#past !== before) {
      this.#past = { ...this.#past, heardAt: this.#pool.toWall(this.#pool.now) };
    }
    if (when === "soon") this.#capacity.madeRoom();
    this.#changed(this, when);
  }

  #stopped({ received }: EndedLeg): void {
    if (received > 0) this.#capacity.giveBack();
    this.speed.sample(this.#pool.now);
  }

  #blamed(leg: EndedLeg, error: DownloadError, blame: Blame): void {
    switch (blame) {
      case "failure":
        if (error.code === "TIMEOUT") this.#capacity.overloaded();
        this.#countFailure(error);
        break;
      case "busy":
        this.#refused(leg, error);
        break;
      case "missing":
        this.offer.lacks(leg.chunk, leg.asked, leg.ranged);
        break;
      case "excluded":
        this.#health.expel("excluded", error.code);
        break;
      case "quarantined":
        this.#quarantine(error);
        break;
      case "nobody":
        if (isOurLimit(error)) this.#refused(leg, error);
        break;
    }
  }

  /**
   * A peer that serves others of our legs meanwhile takes no more of them, and need not rest for that unless it says so; nor one that may serve
   * them, as long as none of them was refused as well.
   */
  #refused(leg: EndedLeg, error: DownloadError): void {
    const serves = this.#flowing > 0 || (this.speed.heardAt ?? -Infinity) >= leg.startedAt;
    const asksForTime = error.retryAfterMs !== undefined;
    if (serves || (this.#inFlight > 0 && !asksForTime)) {
      this.#capacity.refused(this.#inFlight);
      if (!asksForTime) return;
    }
    if (this.#health.busy(error) && !serves) this.#capacity.refusedAll();
  }

  #countFailure(error: DownloadError): void {
    if (this.incident === error) return;
    this.#pool.tally.lastFailure = error;
    const failures = this.#past.failures + 1;
    this.#past = { ...this.#past, failures, failed: this.#past.failed + 1 };
    this.#health.failed(error, failures);
  }

  /** The mark outlives the download; the next one asks it again, as one that failed once more. */
  #quarantine(error: DownloadError): void {
    this.#past = { ...this.#past, failed: this.#past.failed + 1, quarantinedFor: error.code };
    this.#health.expel("quarantined", error.code);
    const { code, message } = error;
    const text = `${this.id} is not asked any more: ${message}`;
    this.cut.next(new DownloadError(code, text, { peer: this.id, cause: error }));
  }

  /** A silent peer is only as fast as it was seen to be, until it proves more; and the connection may be what is bad, not the peer. */
  #fellSilent(leg: EndedLeg): void {
    const { now } = this.#pool;
    this.speed.slowedTo(leg.shareOfUsual(now) ?? unseenShare);
    this.#capacity.overloaded();
    this.speed.timeouts.wasCutOff(now - (leg.heardAt ?? leg.startedAt), leg.heardAt !== undefined);
    // Once for all legs that stall together.
    if (now - this.#renewedAt < renewEveryMs) return;
    this.#renewedAt = now;
    this.peer.renew?.();
  }
}
