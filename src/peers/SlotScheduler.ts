import type { MonoTypeOperatorFunction, Subscriber } from "rxjs";
import { defer, finalize, Observable, Subject, Subscription } from "rxjs";
import { ChunkPicker } from "./ChunkPicker.js";
import type { Membership } from "./Membership.js";
import type { Peer } from "./Peer.js";
import type { PeerTable } from "./PeerTable.js";
import type { PoolContext } from "./PoolContext.js";
import type { PooledPeer } from "./PooledPeer.js";
import type { Ranking } from "./Ranking.js";
import type { StragglerMonitor } from "./StragglerMonitor.js";

/** The peers that can take a leg of one chunk at the moment, best first; reading changes nothing. */
export type Candidates = Iterable<Peer> & { has(peer: Peer): boolean };

/**
 * The order in which free slots are given away: first to the chunks that stand in line because they found nobody, then to new ones, then to those that a slow
 * peer is at. Every change in the pool ends in `serve`; a change that it causes itself is one more turn of its loop, not a deeper call, so that
 * peers that answer at once do not grow the stack.
 */
export class SlotScheduler {
  /** Emits when everything that could be given away is. */
  readonly served = new Subject<void>();
  readonly #pool: PoolContext;
  readonly #table: PeerTable;
  readonly #ranking: Ranking;
  readonly #membership: Membership;
  readonly #stragglers: StragglerMonitor;
  /** Chunks under way, and how many hold each of them open. */
  readonly #open = new Map<number, number>();
  /** The open chunks that will ask for a peer, and do not yet: what is here of them is read, or they wait for their retry. */
  readonly #coming = new Set<number>();
  /** The open chunks that look for peers. */
  readonly #askers = new Map<number, Subscriber<Candidates>>();
  /** The askers that found nobody, first come first. */
  readonly #line = new Set<number>();
  readonly #admitters = new Set<Subscriber<void>>();
  readonly #picker: ChunkPicker;
  #soon = Subscription.EMPTY;
  /** Ends the wait for chunks that nobody has. */
  #patience = Subscription.EMPTY;
  #helping = Subscription.EMPTY;
  #inFlight = 0;
  #isStopped = false;
  #isServing = false;
  #again = false;
  #waiting: "busy" | "no-peers" | undefined;

  constructor(
    pool: PoolContext,
    parts: {
      readonly table: PeerTable;
      readonly ranking: Ranking;
      readonly membership: Membership;
      readonly stragglers: StragglerMonitor;
    },
  ) {
    this.#pool = pool;
    this.#table = parts.table;
    this.#ranking = parts.ranking;
    this.#membership = parts.membership;
    this.#stragglers = parts.stragglers;
    this.#picker = new ChunkPicker(pool, parts.table);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Chunks that stand in line without being open: none. */
  get strays(): readonly number[] {
    return [...this.#line].filter((chunk) => !this.#open.has(chunk) || !this.#askers.has(chunk));
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** A leg of the chunk takes a slot. */
  take(chunk: number): void {
    this.#inFlight++;
    this.#line.delete(chunk);
    this.#coming.delete(chunk);
  }

  /** A leg of the chunk has ended. */
  giveBack(chunk: number): void {
    this.#inFlight--;
    if (this.#askers.has(chunk)) this.#coming.add(chunk);
  }

  /** See `PeerPool.candidates`. */
  candidates(chunk: number): Observable<Candidates> {
    return new Observable((subscriber) => {
      subscriber.add(this.#opened(chunk));
      this.#coming.add(chunk);
      this.#askers.set(chunk, subscriber);
      subscriber.add(() => {
        if (this.#askers.get(chunk) !== subscriber) return;
        this.#askers.delete(chunk);
        this.#line.delete(chunk);
        this.#coming.delete(chunk);
      });
      subscriber.next(this.of(chunk));
      this.serveSoon();
    });
  }

  of(chunk: number): Candidates {
    return {
      [Symbol.iterator]: () => this.#able(chunk),
      has: ({ id }) => {
        const peer = this.#table.find(id);
        return peer !== undefined && this.#hasSlot && this.#ranking.isAble(peer, chunk);
      },
    };
  }

  /** See `PeerPool.waitFor`. */
  waitFor(chunk: number): void {
    if (this.#isStopped || !this.#askers.has(chunk)) return;
    this.#line.add(chunk);
    this.#coming.delete(chunk);
    // Not inside the caller: what this leads to may be a new emission for the same chunk.
    if (this.#isServing) this.#again ||= this.#isHopeless(chunk);
    else this.serveSoon();
  }

  /** See `PeerPool.opened`. */
  opened<T>(chunk: number): MonoTypeOperatorFunction<T> {
    return (source) =>
      defer(() => {
        const release = this.#opened(chunk);
        this.#coming.add(chunk);
        return source.pipe(
          finalize(() => {
            this.#coming.delete(chunk);
            release();
          }),
        );
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

  /** Places for chunks that are to be begun: see `ChunkPicker`. */
  places(chunks: Iterable<number>): Iterable<() => number> {
    return this.#picker.places(chunks, () => this.#beginners());
  }

  /** Emits each time when a new chunk may start. */
  readonly admit = new Observable<void>((subscriber) => {
    this.#admitters.add(subscriber);
    subscriber.add(() => this.#admitters.delete(subscriber));
    this.serve();
  });

  /** Serves in the next turn: after a failure, whoever replaces the leg has the slot first. */
  serveSoon(): void {
    if (this.#isServing || this.#isStopped || !this.#soon.closed) return;
    this.#soon = this.#pool.after(0, () => this.serve());
  }

  /**
   * True when somebody may be served because of what the peer has, or because it takes more: whoever stands in line, or wants to begin and finds nobody; else a
   * new chunk, where the peer is free and offers one. Who has hundreds of peers hears such news all the time.
   */
  isOfUse(peer: PooledPeer): boolean {
    if (this.#line.size > 0 || this.#open.size === 0 || !peer.peer.ranges) return true;
    if (!this.#hasRoom || !this.#ranking.has(peer)) return false;
    return !this.#picker.isSelective || this.#picker.offers(peer);
  }

  /** Makes several changes one. */
  together(change: () => void): void {
    const isOutermost = !this.#isServing;
    this.#isServing = true;
    change();
    if (!isOutermost) return;
    this.#isServing = false;
    this.serve();
  }

  /** Gives free slots away: to those in line, first come first, then to new chunks. */
  serve(): void {
    if (this.#isServing) this.#again = true;
    if (this.#isStopped || this.#isServing) return;
    this.#isServing = true;
    do {
      this.#again = false;
      this.#membership.check(this.#isWanted);
      this.#serveLine();
      this.#admitChunks();
      this.#findWaysOut();
    } while (this.#turnAgain());
    this.#isServing = false;
    this.served.next();
    // In a turn of its own: what is to start now has started then.
    if (this.#hasSlot && this.#stragglers.isNeeded && this.#helping.closed)
      this.#helping = this.#pool.after(0, () => this.#help());
  }

  /** The legs have been looked at, and some may be too slow. */
  reconsider(): void {
    this.serve();
    if (!this.#isStopped && !this.#hasSlot) this.#stragglers.relieve();
  }

  /** Another peer for a chunk that is being served, best first: one that is well, and not excepted. */
  spare(chunk: number, except: (peer: Peer) => boolean): Peer | undefined {
    if (!this.#hasSlot) return undefined;
    for (const peer of this.#ranking) {
      if (peer.isHealthy && peer.couldServe(chunk) && !except(peer.peer)) return peer.peer;
    }
    return undefined;
  }

  *#able(chunk: number): Generator<Peer, void> {
    if (this.#hasSlot) for (const { peer } of this.#ranking.able(chunk)) yield peer;
  }

  get #hasSlot(): boolean {
    return !this.#isStopped && this.#inFlight < this.#pool.config.maxConcurrent;
  }

  /** True when one more chunk may be open. */
  get #hasRoom(): boolean {
    return this.#hasSlot && this.#open.size < 4 * this.#pool.config.maxConcurrent;
  }

  /** True when no peer can serve the chunk, and none will come. */
  #isHopeless(chunk: number): boolean {
    return this.#membership.isComplete && !this.#table.someCouldServe(chunk) && !this.#mayCome;
  }

  /** True while somebody is there who may get what nobody has, and has told news of late. */
  get #mayCome(): boolean {
    if (!this.#pool.hasPartial) return false;
    const leftMs = this.#pool.newsAt + this.#pool.config.peerWaitMs - this.#pool.now;
    if (leftMs <= 0 || !this.#table.somePartial) return false;
    if (this.#patience.closed) this.#patience = this.#pool.after(leftMs, () => this.serve());
    return true;
  }

  /** Peers that are free, and not needed for anything else, help those that are slow. */
  #help(): void {
    while (this.#hasSlot && this.#stragglers.isNeeded && this.#stragglers.rescue());
  }

  #turnAgain(): boolean {
    return this.#again && !this.#isStopped;
  }

  #serveLine(): void {
    for (const chunk of [...this.#line]) {
      const asker = this.#askers.get(chunk);
      if (this.#isHopeless(chunk)) asker?.complete();
      else if (!this.#able(chunk).next().done) {
        this.#line.delete(chunk);
        asker?.next(this.of(chunk));
      }
    }
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

  /**
   * A new chunk starts on a healthy peer; a probe is for one that is open already, unless there is none. On one that gives a file only as a
   * whole it waits for those that came before it, whose bytes come first.
   */
  get #mayAdmit(): boolean {
    if (!this.#hasRoom) return false;
    const isAny = !this.#picker.isSelective;
    const free: PooledPeer[] = [];
    for (const peer of this.#beginners()) {
      if (isAny || this.#picker.offers(peer)) return true;
      free.push(peer);
    }
    if (free.length === 0 || this.#open.size > 0) return false;
    // With nothing else to do those are begun that others are getting, and, to find out, those that nobody has, nor will have.
    return free.some((peer) => this.#picker.wants(peer)) || (this.#membership.isComplete && !this.#mayCome);
  }

  /** The peers on which a new chunk may begin now, best first. */
  *#beginners(): Generator<PooledPeer, void> {
    for (const each of this.#ranking) {
      const { isHealthy, peer } = each;
      if ((isHealthy || this.#open.size === 0) && (peer.ranges || this.#coming.size === 0)) yield each;
    }
  }

  /** True when a chunk looks for a peer, in line or not yet begun. */
  get #isWanted(): boolean {
    return this.#line.size > 0 || (this.#open.size === 0 && this.#admitters.size > 0);
  }

  /** When somebody wants a peer and there is none: asks a blacklisted one early, or tells what is waited for. */
  #findWaysOut(): void {
    if (!this.#isWanted) {
      this.#waiting = undefined; // the next wait is another one
      return;
    }
    if (this.#hasSlot) this.#probeEarly();
    const alive = Array.from(this.#table.alive(), ({ health }) => health);
    const ends = alive.flatMap((health) => (health.state === "busy" ? [health.untilMs] : []));
    const areOut = alive.every(({ state }) => state === "busy" || state === "open");
    const waiting = alive.length === 0 ? "no-peers" : ends.length > 0 && areOut ? "busy" : undefined;
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    const { waitsUntilMs: untilMs } = this.#membership;
    if (waiting === "no-peers")
      this.#pool.tell({ type: "waiting", reason: waiting, ...(untilMs !== undefined && { untilMs }) });
    if (waiting === "busy") this.#pool.tell({ type: "waiting", reason: waiting, untilMs: Math.min(...ends) });
  }

  #probeEarly(): void {
    for (const chunk of this.#line) {
      const peer = this.#table.nextToProbe((each) => each.couldServe(chunk));
      if (peer !== undefined) {
        peer.probe();
        return;
      }
    }
    if (this.#open.size === 0) this.#table.nextToProbe(() => true)?.probe();
  }
}
