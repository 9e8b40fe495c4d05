import type { MonoTypeOperatorFunction, Subscriber } from "rxjs";
import { defer, finalize, Observable, Subject, Subscription } from "rxjs";
import type { Attendance } from "./Attendance.js";
import type { Conduct } from "./Conduct.js";
import type { LegWatch } from "./LegWatch.js";
import type { Peer } from "./Peer.js";
import type { Roster } from "./Roster.js";
import type { Standing } from "./Standing.js";

/**
 * Who gets the next free slot: first the chunks that stand in line because they found nobody, then new ones, then those that a slow
 * peer is at. Every change in the
 * pool ends in `serve`; a change that it causes itself is one more turn of its loop, not a deeper call, so that peers that answer
 * at once do not grow the stack.
 */
export class Turns {
  /** Emits when everything that could be given away is. */
  readonly served = new Subject<void>();
  readonly #roster: Roster;
  readonly #conduct: Conduct;
  readonly #attendance: Attendance;
  readonly #watch: LegWatch;
  /** Chunks under way, and how many hold each of them open. */
  readonly #open = new Map<number, number>();
  /** Open chunks that found nobody, first come first. */
  readonly #line = new Map<number, Subscriber<Iterable<Peer>>>();
  readonly #admitters = new Set<Subscriber<void>>();
  #soon = Subscription.EMPTY;
  #helping = Subscription.EMPTY;
  #inFlight = 0;
  #stopped = false;
  #serving = false;
  #again = false;
  #waiting: "busy" | "no-peers" | undefined;

  constructor(roster: Roster, conduct: Conduct, attendance: Attendance, watch: LegWatch) {
    this.#roster = roster;
    this.#conduct = conduct;
    this.#attendance = attendance;
    this.#watch = watch;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** A leg of the chunk has taken a slot; the result gives it back. */
  take(chunk: number): () => void {
    this.#inFlight++;
    this.#line.delete(chunk);
    return () => {
      this.#inFlight--;
    };
  }

  /** See `PeerPool.candidates`. */
  candidates(chunk: number): Observable<Iterable<Peer>> {
    return new Observable((subscriber) => {
      subscriber.add(this.#opened(chunk));
      subscriber.add(() => this.#line.delete(chunk));
      subscriber.next(this.#view(chunk, subscriber));
      this.serveSoon();
    });
  }

  /** See `PeerPool.opened`. */
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
      this.serve();
    };
  }

  /** Emits each time when a new chunk may start. */
  readonly admit = new Observable<void>((subscriber) => {
    this.#admitters.add(subscriber);
    subscriber.add(() => this.#admitters.delete(subscriber));
    this.serve();
  });

  #view(chunk: number, subscriber: Subscriber<Iterable<Peer>>): Iterable<Peer> & { has(peer: Peer): boolean } {
    return {
      [Symbol.iterator]: () => this.#walk(chunk, subscriber),
      has: (peer) => {
        const entry = this.#roster.find(peer.id);
        return entry !== undefined && this.#hasSlot && this.#roster.isAble(entry, chunk);
      },
    };
  }

  *#walk(chunk: number, subscriber: Subscriber<Iterable<Peer>>): Generator<Peer, void> {
    if (this.#hasSlot) for (const { peer } of this.#roster.able(chunk)) yield peer;
    if (this.#stopped || subscriber.closed) return;
    this.#line.set(chunk, subscriber);
    // Not inside the reader: what this leads to may be a new emission for the same chunk.
    if (this.#serving) this.#again ||= this.#isHopeless(chunk);
    else this.serveSoon();
  }

  /** Serves in the next turn: after a failure, whoever replaces the leg has the slot first. */
  serveSoon(): void {
    if (!this.#serving && !this.#stopped && this.#soon.closed) this.#soon = this.#roster.after(0, () => this.serve());
  }

  get #hasSlot(): boolean {
    return !this.#stopped && this.#inFlight < this.#roster.config.maxConcurrent;
  }

  /** Nobody can serve it, and nobody new will come. */
  #isHopeless(chunk: number): boolean {
    return this.#attendance.complete && !this.#roster.someCouldServe(chunk);
  }

  /** Gives free slots away: to those in line, first come first, then to new chunks. */
  serve(): void {
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
    this.served.next();
    // In a turn of its own: what is to start now has started then.
    if (this.#hasSlot && this.#watch.isNeeded && this.#helping.closed)
      this.#helping = this.#roster.after(0, () => this.#help());
  }

  /** The legs have been looked at, and some may be too slow. */
  reconsider(): void {
    this.serve();
    if (!this.#stopped && !this.#hasSlot) this.#watch.relieve();
  }

  /** Peers that are free, and not needed for anything else, help those that are slow. */
  #help(): void {
    while (this.#hasSlot && this.#watch.isNeeded && this.#watch.rescue());
  }

  /** Another peer for a chunk that is being served, best first: one that is well, and not excepted. */
  spare(chunk: number, except: (peer: Peer) => boolean): Peer | undefined {
    if (!this.#hasSlot) return undefined;
    for (const entry of this.#roster.ranked) {
      if (entry.standing.state === "healthy" && entry.couldServe(chunk) && !except(entry.peer)) return entry.peer;
    }
    return undefined;
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
    return this.#hasSlot && this.#roster.able(chunk).next().done !== true;
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
    if (!this.#hasSlot || this.#open.size >= 4 * this.#roster.config.maxConcurrent) return false;
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
