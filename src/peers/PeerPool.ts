import type { MonoTypeOperatorFunction } from "rxjs";
import { BehaviorSubject, distinctUntilChanged, EMPTY, map, Observable } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import { Attendance } from "./Attendance.js";
import { Conduct } from "./Conduct.js";
import type { Lease } from "./Lease.js";
import { LegInFlight } from "./LegInFlight.js";
import type { Rescue } from "./LegWatch.js";
import { LegWatch } from "./LegWatch.js";
import { Patience } from "./Patience.js";
import type { Peer, PeerSource } from "./Peer.js";
import type { PeerEntry } from "./PeerEntry.js";
import type { PeerRecord } from "./PeerRecord.js";
import type { PeerState } from "./PeerState.js";
import { peerStateOf } from "./PeerState.js";
import type { PoolConfig } from "./PoolConfig.js";
import type { PoolEvent } from "./PoolEvent.js";
import type { PoolClock } from "./Reach.js";
import { Reach } from "./Reach.js";
import { Roster } from "./Roster.js";
import { SlowStart } from "./SlowStart.js";
import { Turns } from "./Turns.js";

/** What a pool needs from outside. */
export interface PoolParts {
  readonly scheduler: PoolClock;
  /** What earlier runs learned. @default nothing */
  readonly records?: Readonly<Record<string, PeerRecord>>;
  /** Says `true` while we ourselves keep the peers back; that time is no peer's fault. @default never */
  readonly held?: Observable<boolean>;
}

/**
 * Who can be asked, and who may ask.
 *
 * Peers come and go with `run()` (Attendance); what their legs do decides how they stand (Conduct). A peer that can take a leg
 * now is in the ranking (Roster), and nobody else is: full, busy, blacklisted and rate-limited peers are outside, until the
 * event or the time that brings them back. Open chunks read the ranking through `candidates`. A chunk that reads to the end has
 * found nobody: it stands in line, and is told to look again when somebody could serve it; `admit` lets a new chunk in only
 * when a slot is free and nobody in line can use it (Turns). Legs in flight are watched, so that slow ones are stopped or get help
 * from peers that are free (LegWatch).
 */
export class PeerPool {
  /** Whether the peers can be reached from this machine. */
  readonly reach: Reach;
  /** How long a leg may be silent. */
  readonly patience: Patience;
  readonly #roster: Roster;
  readonly #conduct: Conduct;
  readonly #attendance: Attendance;
  readonly #records: Readonly<Record<string, PeerRecord>>;
  readonly #watch: LegWatch;
  readonly #turns: Turns;
  readonly #slowStart = new SlowStart();
  readonly #held: Observable<boolean>;
  readonly #changed = new BehaviorSubject<void>(undefined);

  constructor({ scheduler, records = {}, held = EMPTY }: PoolParts, config: PoolConfig) {
    this.#records = records;
    this.#held = held;
    this.#roster = new Roster(scheduler, config);
    this.#conduct = new Conduct(this.#roster);
    this.reach = new Reach(this.#roster, scheduler);
    this.#attendance = new Attendance(this.#roster, this.#conduct, records);
    this.#watch = new LegWatch(this.#roster);
    this.patience = new Patience(this.#roster, this.#watch, this.#slowStart);
    this.#turns = new Turns(this.#roster, this.#conduct, this.#attendance, this.#watch);
  }

  /**
   * Follows the peers; emits what happens to them. Errors when nobody is left and nobody will come: with the cause that all
   * were lost for, or `NO_PEERS`. Unsubscribing stops the pool's timers and all that it grants. One run a pool.
   */
  run(peers: PeerSource): Observable<PoolEvent> {
    return new Observable((subscriber) => {
      subscriber.add(() => this.stop());
      subscriber.add(this.#roster.events.subscribe(subscriber));
      subscriber.add(this.#turns.served.subscribe(this.#changed));
      subscriber.add(this.#roster.freed.subscribe(() => this.#turns.serve()));
      subscriber.add(this.#watch.looked.subscribe(() => this.#turns.reconsider()));
      subscriber.add(this.#held.subscribe((held) => (this.#watch.held = held)));
      this.#attendance.check(false);
      const following = peers.subscribe({
        next: (present) => {
          this.#attendance.meet(present);
          this.#turns.serve();
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          this.#attendance.close();
          this.#turns.serve();
        },
      });
      subscriber.add(following);
    });
  }

  /** Grants nothing any more and lets go of all timers. */
  stop(): void {
    this.#turns.stop();
    this.#roster.stop();
  }

  /**
   * The peers that can take a leg for this chunk now, best first: one live view, emitted at once, and again when the chunk
   * found nobody in it and now would. Completes when nobody can ever serve the chunk.
   */
  candidates(chunk: number): Observable<Iterable<Peer>> {
    return this.#turns.candidates(chunk);
  }

  /**
   * Counts the chunk as open for as long as the source runs, its last writes included: no more than four times as many chunks
   * as legs are open, so that what waits in memory for a slow disk is bounded.
   */
  opened<T>(chunk: number): MonoTypeOperatorFunction<T> {
    return this.#turns.opened(chunk);
  }

  /** Emits each time when a new chunk may start. */
  get admit(): Observable<void> {
    return this.#turns.admit;
  }

  /** All peers as they stand; emits when anything about them may have changed. */
  readonly states = new Observable<readonly PeerState[]>((subscriber) =>
    this.#changed.subscribe(() => subscriber.next(this.#roster.all.map(peerStateOf))),
  );

  /** What is known of all peers, for the next run. */
  get records(): Readonly<Record<string, PeerRecord>> {
    const records = { ...this.#records };
    for (const { peer, lasting } of this.#roster.all) records[peer.id] = lasting;
    return records;
  }

  /** Takes a slot, a token and a place at the peer, for `wantedBytes` of the chunk, until the lease ends. */
  lease(peer: Peer, chunk: number, wantedBytes = this.#roster.config.chunkBytes): Lease {
    const entry = this.#roster.get(peer.id);
    const startedAt = this.#roster.now;
    const leg = new LegInFlight(entry, chunk, wantedBytes, startedAt);
    let over = false;
    if (entry.inFlight++ === 0) entry.meter.start(startedAt);
    const giveBack = this.#turns.take(chunk);
    entry.rate.take(startedAt);
    entry.pace(wantedBytes, startedAt);
    this.#roster.rank(entry);
    this.#watch.add(leg);
    this.#changed.next();
    const end = (outcome: () => void, serve: () => void): void => {
      if (over) return;
      over = true;
      entry.inFlight--;
      if (leg.heardAt !== undefined) entry.flowing--;
      this.#watch.remove(leg);
      giveBack();
      const before = entry.record;
      outcome();
      if (leg.received > 0 || entry.record !== before) entry.record = { ...entry.record, heardAt: this.#roster.now };
      this.#roster.rank(entry);
      serve();
    };
    const atOnce = (): void => this.#turns.serve();
    const soon = (): void => {
      entry.pacedUntil = 0; // it made room before its time
      this.#roster.rank(entry);
      this.#turns.serveSoon();
    };
    return {
      cut: leg.cut,
      received: (bytes) => this.#heard(leg, bytes),
      delivered: () => end(() => this.#conduct.delivered(entry), atOnce),
      broken: (error) => end(() => this.#conduct.broken(leg, error), soon),
      failed: (error) => end(() => this.#conduct.failed(leg, error), soon),
      cancelled: () => end(() => this.#conduct.cancelled(leg), soon),
    };
  }

  #heard(leg: LegInFlight, bytes: number): void {
    const { entry, startedAt, heardAt } = leg;
    const { now } = this.#roster;
    this.reach.heard(entry);
    entry.bytes += bytes;
    entry.pieceBytes = bytes;
    entry.heardAt = now;
    const wasHeld = this.#watch.wasHeld(heardAt ?? startedAt);
    entry.meter.add(bytes, now, entry.flowing > 0 && !wasHeld);
    if (heardAt === undefined) entry.flowing++;
    leg.received += bytes;
    leg.heardAt = now;
    if (wasHeld) return;
    if (heardAt !== undefined) {
      entry.silence.gapTook(now - heardAt);
      return;
    }
    const ms = now - startedAt;
    entry.silence.firstByteTook(ms);
    this.#slowStart.firstByteTook(ms);
    if (!entry.warm) return;
    entry.roundTrip.heard(ms, now, leg.wasAlone);
    if (entry.roundTrip.ms !== undefined) entry.record = { ...entry.record, roundTripMs: entry.roundTrip.ms };
  }

  /** Another peer that could take a leg for the chunk now, besides those that serve it; `undefined` when there is none. */
  spare(chunk: number, except: (peer: Peer) => boolean): Peer | undefined {
    return this.#turns.spare(chunk, except);
  }

  /**
   * Free peers for a chunk whose legs are slow, while this is subscribed; what is emitted is asked at once, or not at all.
   * `accepts` says whether a peer may be, beside the other or `instead` of it.
   */
  rescues(chunk: number, accepts: (peer: Peer, instead: boolean) => boolean): Observable<Rescue> {
    return this.#watch.rescues(chunk, accepts);
  }

  /** Bytes of this peer were found right. */
  verified(id: string): void {
    const entry = this.#roster.find(id);
    if (entry === undefined || entry.proven) return;
    entry.proven = true;
    this.#conduct.trust(entry);
    entry.limit.succeeded();
    this.#roster.rank(entry);
    this.#turns.serve();
  }

  /** Not asked again in this download, and its legs end. */
  quarantine(id: string, error: DownloadError): void {
    const entry = this.#roster.find(id);
    if (entry === undefined || this.isQuarantined(id)) return;
    this.#conduct.quarantine(entry, error);
    this.#turns.serve();
  }

  isQuarantined(id: string): boolean {
    return this.#roster.find(id)?.standing.state === "quarantined";
  }

  /** The share of this run's legs that delivered, of those that did or failed; two thirds when there were none. */
  get successRate(): number {
    return this.#conduct.successRate;
  }

  /** Why all peers were lost, if they were. */
  get lost(): DownloadError | undefined {
    return this.#roster.hasHope ? undefined : this.#roster.nobodyLeft();
  }

  /** Whether there are peers, and all are blacklisted or probed at best, because no connection to them holds; on change. */
  get deserted(): Observable<boolean> {
    return this.#changed.pipe(
      map(() => this.#isDeserted),
      distinctUntilChanged(),
    );
  }

  /** The failure that was counted last. */
  get lastFailure(): DownloadError | undefined {
    return this.#conduct.lastFailure;
  }

  get #isDeserted(): boolean {
    let somebody = false;
    for (const { standing, incident } of this.#roster.alive()) {
      // A blacklist of an earlier run says nothing of now.
      if (incident === undefined) return false;
      if (standing.state !== "blacklisted" && standing.state !== "probing") return false;
      if (!standing.code.startsWith("CONNECTION_") && standing.code !== "HOST_NOT_FOUND") return false;
      somebody = true;
    }
    return somebody;
  }

  /** Whether a peer that is well, and none of these, could serve the chunk, now or when it has room. */
  hasAnother(ids: ReadonlySet<string>, chunk: number): boolean {
    const isOther = ({ standing, peer }: PeerEntry): boolean => standing.state === "healthy" && !ids.has(peer.id);
    return this.#roster.someCouldServe(chunk, undefined, isOther);
  }

  /** Whether nobody else is there for the chunk. */
  isOnly(id: string, chunk: number): boolean {
    return !this.#roster.someCouldServe(chunk, id);
  }
}
