import type { MonoTypeOperatorFunction, SchedulerLike, Subscriber } from "rxjs";
import { BehaviorSubject, defer, distinctUntilChanged, finalize, map, Observable, Subscription } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import { Attendance } from "./Attendance.js";
import { Conduct } from "./Conduct.js";
import type { Lease } from "./Lease.js";
import type { Peer, PeerSource } from "./Peer.js";
import type { PeerRecord } from "./PeerRecord.js";
import { ewma } from "./PeerRecord.js";
import type { PeerState } from "./PeerState.js";
import { peerStateOf } from "./PeerState.js";
import type { PoolConfig } from "./PoolConfig.js";
import type { PoolEvent } from "./PoolEvent.js";
import { Roster } from "./Roster.js";
import type { Standing } from "./Standing.js";

/**
 * Who can be asked, and who may ask.
 *
 * Peers come and go with `run()` (Attendance); what their legs do decides how they stand (Conduct). A peer that can take a leg
 * now is in the ranking, and nobody else is: full, busy, blacklisted and rate-limited peers are outside, until the event or
 * the time that brings them back. Open chunks read the ranking through `candidates`. A chunk that reads to the end has found
 * nobody: it stands in line, and is told to look again when somebody could serve it. `admit` lets a new chunk in only when a
 * slot is free and nobody in line can use it. Every change ends in `#serve`, which does just that; a change that it causes
 * itself is one more turn of its loop, not a deeper call, so that peers that answer at once do not grow the stack.
 */
export class PeerPool {
  readonly #config: PoolConfig;
  readonly #roster: Roster;
  readonly #conduct: Conduct;
  readonly #attendance: Attendance;
  readonly #records: Readonly<Record<string, PeerRecord>>;
  /** Chunks under way, and how many hold each of them open. */
  readonly #open = new Map<number, number>();
  /** Open chunks that found nobody, first come first. */
  readonly #line = new Map<number, Subscriber<Iterable<Peer>>>();
  readonly #admitters = new Set<Subscriber<void>>();
  readonly #changed = new BehaviorSubject<void>(undefined);
  #soon = Subscription.EMPTY;
  #inFlight = 0;
  #stopped = false;
  #serving = false;
  #again = false;
  #waiting: "busy" | "no-peers" | undefined;

  constructor(scheduler: SchedulerLike, config: PoolConfig, records: Readonly<Record<string, PeerRecord>> = {}) {
    this.#config = config;
    this.#records = records;
    this.#roster = new Roster(scheduler, config);
    this.#conduct = new Conduct(this.#roster);
    this.#attendance = new Attendance(this.#roster, this.#conduct, records);
  }

  /**
   * Follows the peers; emits what happens to them. Errors when nobody is left and nobody will come: with the cause that all
   * were lost for, or `NO_PEERS`. Unsubscribing stops the pool's timers and all that it grants. One run a pool.
   */
  run(peers: PeerSource): Observable<PoolEvent> {
    return new Observable((subscriber) => {
      subscriber.add(() => this.stop());
      subscriber.add(this.#roster.events.subscribe(subscriber));
      subscriber.add(this.#roster.freed.subscribe(() => this.#serve()));
      this.#attendance.check(false);
      const following = peers.subscribe({
        next: (present) => {
          this.#attendance.meet(present);
          this.#serve();
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          this.#attendance.close();
          this.#serve();
        },
      });
      subscriber.add(following);
    });
  }

  /** Grants nothing any more and lets go of all timers. */
  stop(): void {
    this.#stopped = true;
    this.#roster.stop();
  }

  /**
   * The peers that can take a leg for this chunk now, best first: one live view, emitted at once, and again when the chunk
   * found nobody in it and now would. Completes when nobody can ever serve the chunk.
   */
  candidates(chunk: number): Observable<Iterable<Peer>> {
    return new Observable((subscriber) => {
      subscriber.add(this.#opened(chunk));
      subscriber.add(() => this.#line.delete(chunk));
      subscriber.next(this.#view(chunk, subscriber));
      this.#serveSoon();
    });
  }

  /**
   * Counts the chunk as open for as long as the source runs, its last writes included: no more than four times as many chunks
   * as legs are open, so that what waits in memory for a slow disk is bounded.
   */
  opened<T>(chunk: number): MonoTypeOperatorFunction<T> {
    return (source) =>
      defer(() => {
        const release = this.#opened(chunk);
        return source.pipe(finalize(release));
      });
  }

  #opened(chunk: number): () => void {
    this.#open.set(chunk, (this.#open.get(chunk) ?? 0) + 1);
    return () => {
      const left = (this.#open.get(chunk) ?? 0) - 1;
      if (left > 0) this.#open.set(chunk, left);
      else this.#open.delete(chunk);
      this.#serve();
    };
  }

  /** Emits each time when a new chunk may start. */
  readonly admit = new Observable<void>((subscriber) => {
    this.#admitters.add(subscriber);
    subscriber.add(() => this.#admitters.delete(subscriber));
    this.#serve();
  });

  /** All peers as they stand; emits when anything about them may have changed. */
  readonly states = new Observable<readonly PeerState[]>((subscriber) =>
    this.#changed.subscribe(() => subscriber.next(this.#roster.all.map(peerStateOf))),
  );

  /** What is known of all peers, for the next run. */
  get records(): Readonly<Record<string, PeerRecord>> {
    const met = this.#roster.all.map((entry) => [entry.peer.id, entry.record] as const);
    return { ...this.#records, ...Object.fromEntries(met) };
  }

  /** Takes a slot, a token and a place at the peer, until the lease ends. */
  lease(peer: Peer, chunk: number): Lease {
    const entry = this.#roster.get(peer.id);
    const startedAt = this.#roster.now;
    let heard = false;
    let over = false;
    if (entry.inFlight++ === 0) entry.meter.start(startedAt);
    this.#inFlight++;
    this.#line.delete(chunk);
    entry.rate.take(startedAt);
    this.#roster.rank(entry);
    this.#changed.next();
    const end = (outcome: () => void): void => {
      if (over) return;
      over = true;
      entry.inFlight--;
      this.#inFlight--;
      outcome();
      this.#roster.rank(entry);
      this.#serve();
    };
    return {
      cut: entry.cut,
      received: (bytes) => {
        entry.bytes += bytes;
        entry.meter.add(bytes);
        if (heard) return;
        heard = true;
        if (!entry.warm) return;
        entry.record = { ...entry.record, roundTripMs: ewma(entry.record.roundTripMs, this.#roster.now - startedAt) };
      },
      delivered: () => end(() => this.#conduct.delivered(entry)),
      broken: () => end(() => this.#conduct.measure(entry)),
      failed: (error) => end(() => this.#conduct.failed(entry, chunk, error)),
      cancelled: () => end(() => this.#conduct.measure(entry)),
    };
  }

  /** Bytes of this peer were found right. */
  verified(id: string): void {
    const entry = this.#roster.find(id);
    if (entry === undefined || entry.proven) return;
    entry.proven = true;
    entry.limit.succeeded();
    this.#roster.rank(entry);
    this.#serve();
  }

  /** Not asked again in this download, and its legs end. */
  quarantine(id: string, error: DownloadError): void {
    const entry = this.#roster.find(id);
    if (entry === undefined || this.isQuarantined(id)) return;
    this.#conduct.quarantine(entry, error);
    this.#serve();
  }

  isQuarantined(id: string): boolean {
    return this.#roster.find(id)?.standing.state === "quarantined";
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
    for (const { standing } of this.#roster.alive()) {
      if (standing.state !== "blacklisted" && standing.state !== "probing") return false;
      if (!standing.code.startsWith("CONNECTION_")) return false;
      somebody = true;
    }
    return somebody;
  }

  /** Whether nobody else is there for the chunk. */
  isOnly(id: string, chunk: number): boolean {
    return !this.#roster.someCouldServe(chunk, id);
  }

  #view(chunk: number, subscriber: Subscriber<Iterable<Peer>>): Iterable<Peer> & { has(peer: Peer): boolean } {
    return {
      [Symbol.iterator]: () => this.#walk(chunk, subscriber),
      has: (peer) => {
        const entry = this.#roster.find(peer.id);
        return entry !== undefined && this.#hasSlot && this.#roster.ranked.has(entry) && entry.couldServe(chunk);
      },
    };
  }

  *#walk(chunk: number, subscriber: Subscriber<Iterable<Peer>>): Generator<Peer, void> {
    if (this.#hasSlot) for (const entry of this.#roster.ranked) if (entry.couldServe(chunk)) yield entry.peer;
    if (this.#stopped || subscriber.closed) return;
    this.#line.set(chunk, subscriber);
    // Not inside the reader: what this leads to may be a new emission for the same chunk.
    if (this.#serving) this.#again ||= this.#isHopeless(chunk);
    else this.#serveSoon();
  }

  #serveSoon(): void {
    if (!this.#serving && !this.#stopped && this.#soon.closed) this.#soon = this.#roster.after(0, () => this.#serve());
  }

  get #hasSlot(): boolean {
    return !this.#stopped && this.#inFlight < this.#config.maxConcurrent;
  }

  /** Nobody can serve it, and nobody new will come. */
  #isHopeless(chunk: number): boolean {
    return this.#attendance.complete && !this.#roster.someCouldServe(chunk);
  }

  /** Gives free slots away: to those in line, first come first, then to new chunks. */
  #serve(): void {
    if (this.#serving) this.#again = true;
    if (this.#stopped || this.#serving) return;
    this.#serving = true;
    do {
      this.#again = false;
      this.#attendance.check(this.#isWanted);
      this.#serveLine();
      this.#admitChunks();
      this.#findWaysOut();
    } while (this.#turnAgain());
    this.#serving = false;
    this.#changed.next();
  }

  #turnAgain(): boolean {
    return this.#again && !this.#stopped;
  }

  #serveLine(): void {
    for (const [chunk, subscriber] of [...this.#line]) {
      if (this.#isHopeless(chunk)) subscriber.complete();
      else if (this.#canServe(chunk)) {
        this.#line.delete(chunk);
        subscriber.next(this.#view(chunk, subscriber));
      }
    }
  }

  #canServe(chunk: number): boolean {
    if (this.#hasSlot) for (const entry of this.#roster.ranked) if (entry.couldServe(chunk)) return true;
    return false;
  }

  #admitChunks(): void {
    for (const admitter of [...this.#admitters]) {
      while (this.#mayAdmit && !admitter.closed) {
        const before = this.#open.size;
        admitter.next();
        if (this.#open.size <= before) break;
      }
    }
  }

  /** A new chunk starts on a healthy peer; a probe is for one that is open already, unless there is none. */
  get #mayAdmit(): boolean {
    if (!this.#hasSlot || this.#open.size >= 4 * this.#config.maxConcurrent) return false;
    for (const entry of this.#roster.ranked)
      if (entry.standing.state === "healthy" || this.#open.size === 0) return true;
    return false;
  }

  /** Whether a chunk looks for a peer, in line or not yet begun. */
  get #isWanted(): boolean {
    return this.#line.size > 0 || (this.#open.size === 0 && this.#admitters.size > 0);
  }

  #probesEarly(): boolean {
    for (const chunk of this.#line.keys())
      if (this.#conduct.probeEarly((entry) => entry.couldServe(chunk))) return true;
    return this.#open.size === 0 && this.#conduct.probeEarly(() => true);
  }

  /** When somebody wants a peer and there is none: asks a blacklisted one early, or tells what is waited for. */
  #findWaysOut(): void {
    if (!this.#isWanted) {
      this.#waiting = undefined; // the next wait is another one
      return;
    }
    if (this.#hasSlot && this.#probesEarly()) this.#again = true;
    const alive = Array.from(this.#roster.alive(), (entry) => entry.standing);
    const ends = alive.flatMap((standing) => (standing.state === "busy" ? [standing.untilMs] : []));
    const isOut = ({ state }: Standing): boolean => state === "busy" || state === "blacklisted";
    const waiting = alive.length === 0 ? "no-peers" : ends.length > 0 && alive.every(isOut) ? "busy" : undefined;
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    if (waiting === "no-peers") this.#roster.tell({ type: "waiting", reason: waiting });
    if (waiting === "busy") this.#roster.tell({ type: "waiting", reason: waiting, untilMs: Math.min(...ends) });
  }
}
