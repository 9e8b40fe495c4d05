import type { MonoTypeOperatorFunction, SchedulerLike } from "rxjs";
import { BehaviorSubject, distinctUntilChanged, EMPTY, map, Observable } from "rxjs";
import { type Selection, selectPeer } from "../../operators/selectPeer.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { isNoConnection } from "../errors/isNoConnection.js";
import { successRate } from "./expectedCompletion.js";
import { HedgeDelay } from "./HedgeDelay.js";
import { LegInFlight, type Lease } from "./LegInFlight.js";
import { LegTimeouts } from "./LegTimeouts.js";
import { Membership } from "./Membership.js";
import { OutageDetector } from "./OutageDetector.js";
import type { Peer, PeerSource } from "./Peer.js";
import type { PeerRecord } from "./PeerRecord.js";
import { PeerTable } from "./PeerTable.js";
import type { PoolConfig } from "./PoolConfig.js";
import { PoolContext } from "./PoolContext.js";
import type { PeerUnderWay, PoolEvent } from "./PoolEvent.js";
import type { ServeWhen, PoolMember, PooledPeer } from "./PooledPeer.js";
import { Ranking } from "./Ranking.js";
import { SlotScheduler } from "./SlotScheduler.js";
import { type Rescue, StragglerMonitor } from "./StragglerMonitor.js";

/** The ports of a pool. */
export interface PoolParts {
  /** Time; a clock of a download also knows when the machine slept. */
  readonly scheduler: SchedulerLike;
  /** The peer records of earlier runs, in wall time. @default none */
  readonly records?: Readonly<Record<string, PeerRecord>>;
  /** Says `true` while we ourselves keep the peers back; that time is no peer's fault. @default never */
  readonly paused?: Observable<boolean>;
}

/**
 * The peers of one download: which can be asked, and which chunk may ask.
 *
 *     the list of peers ─▶ Membership ─┐
 *     legs begin, bring, end ──────────┼─▶ PooledPeer ─ changed ─▶ Ranking ─▶ SlotScheduler ─▶ candidates, admit
 *     no network, slow legs ───────────┘    (its health, speed, capacity)          ▲
 *                                            chunks pick a peer, or wait in line ──┘
 *
 * Peers come and go with `run()`. All that happens to one is a call to it, which ends in `#changed`: there it gets its place in the ranking, or
 * loses it, and whoever waits is served. An open chunk picks the best peer that is there; when there is none, it stands in line, and is told
 * to look again when somebody could serve it. A new chunk is admitted only when a slot is free and nobody in line can use it. Legs
 * in flight are watched, so that slow ones are stopped or get help from peers that are free (StragglerMonitor).
 */
export class PeerPool {
  /** Detector of outages: tells if the peers can be reached from this machine. @internal */
  readonly network: OutageDetector;
  /** How long a leg may be silent. @internal */
  readonly timeouts: LegTimeouts;
  readonly #pool: PoolContext;
  readonly #table = new PeerTable();
  readonly #ranking: Ranking;
  readonly #membership: Membership;
  readonly #stragglers: StragglerMonitor;
  readonly #slots: SlotScheduler;
  readonly #hedgeDelay = new HedgeDelay();
  readonly #records: Readonly<Record<string, PeerRecord>>;
  readonly #paused: Observable<boolean>;
  readonly #news = new BehaviorSubject<void>(undefined);

  constructor({ scheduler, records = {}, paused = EMPTY }: PoolParts, config: PoolConfig) {
    const pool = new PoolContext(scheduler, config);
    const table = this.#table;
    this.#pool = pool;
    this.#records = records;
    this.#paused = paused;
    this.#ranking = new Ranking(pool, table, () => this.#slots.serve());
    this.#membership = new Membership(pool, table, records, (peer, when) => this.#changed(peer, when));
    this.#stragglers = new StragglerMonitor(pool, this.#ranking);
    const parts = { table, ranking: this.#ranking, membership: this.#membership, stragglers: this.#stragglers };
    this.#slots = new SlotScheduler(pool, parts);
    this.network = new OutageDetector(pool, table, this.#slots);
    this.timeouts = new LegTimeouts(table, this.#stragglers, this.#hedgeDelay, config.chunkBytes);
  }

  /**
   * Follows the peers; emits what happens to them. Errors when nobody is left and nobody will come: with the cause that all
   * were lost for, or `NO_PEERS`. Unsubscribing stops the pool's timers and all that it grants. One run a pool.
   */
  run(peers: PeerSource): Observable<PoolEvent> {
    return new Observable((subscriber) => {
      subscriber.add(() => this.stop());
      subscriber.add(this.#pool.events.subscribe(subscriber));
      subscriber.add(this.#slots.served.subscribe(this.#news));
      subscriber.add(this.#stragglers.looked.subscribe(() => this.#slots.reconsider()));
      subscriber.add(this.#paused.subscribe((paused) => (this.#stragglers.paused = paused)));
      this.#membership.check(false);
      const following = peers.subscribe({
        next: (present) => this.#slots.together(() => this.#membership.meet(present)),
        error: (error: unknown) => subscriber.error(error),
        complete: () => this.#slots.together(() => this.#membership.close()),
      });
      subscriber.add(following);
    });
  }

  /** Grants nothing any more and lets go of all timers. */
  stop(): void {
    this.#slots.stop();
    this.#pool.stop();
  }

  /** Every change of a peer ends here: it is ranked, and whoever can be served is. */
  #changed(peer: PooledPeer, when: ServeWhen): void {
    this.#ranking.rank(peer);
    if (when === "now") this.#slots.serve();
    else if (when === "soon") this.#slots.serveSoon();
    else if (when === "perhaps" && this.#slots.isOfUse(peer)) this.#slots.serveSoon();
    else this.#news.next();
  }

  /**
   * The peers that can take a leg for this chunk now, best first: one live view, emitted at once, and again when the chunk
   * waits for somebody and there is one. Reading it changes nothing: a chunk that finds nobody says so with `waitFor`. Completes when
   * nobody can ever serve the chunk. The chunk counts as open meanwhile.
   */
  candidates(chunk: number): Observable<Iterable<Peer> & Pick<ReadonlySet<Peer>, "has">> {
    return this.#slots.candidates(chunk);
  }

  /** The candidate to ask next, after `selection`; when there is none, the chunk waits. Made to be the operator's `select`. */
  pick(chunk: number, selection: Selection<Peer>): Peer | undefined {
    const peer = selectPeer(this.#slots.of(chunk), selection);
    if (peer === undefined) this.waitFor(chunk);
    return peer;
  }

  /** The chunk, whose candidates somebody is subscribed to, stands in line until a leg of it begins or it is told to look again. */
  waitFor(chunk: number): void {
    this.#slots.waitFor(chunk);
  }

  /**
   * Counts the chunk as open for as long as the source runs, its last writes included: no more than four times as many chunks
   * as legs are open, so that what waits in memory for a slow disk is bounded.
   */
  opened<T>(chunk: number): MonoTypeOperatorFunction<T> {
    return this.#slots.opened(chunk);
  }

  /** A place for each of these chunks, in the order in which they are best begun; calling it tells which chunk has its turn now. @internal */
  places(chunks: Iterable<number>): Iterable<() => number> {
    return this.#slots.places(chunks);
  }

  /** Emits each time when a new chunk may start. */
  get admit(): Observable<void> {
    return this.#slots.admit;
  }

  /** All peers as they stand; emits when anything about them may have changed. */
  readonly states = new Observable<readonly PoolMember[]>((subscriber) =>
    this.#news.subscribe(() => subscriber.next(this.#table.all.map(({ state }) => state))),
  );

  /** The peers with a request under way, by id. */
  get underWay(): Readonly<Record<string, PeerUnderWay>> {
    const busy = this.#table.all.filter(({ inFlight }) => inFlight > 0);
    return Object.fromEntries(busy.map(({ id, underWay }) => [id, underWay]));
  }

  /** The records of all peers, for the next run, in wall time. */
  get records(): Readonly<Record<string, PeerRecord>> {
    const records = { ...this.#records };
    for (const { id, lasting } of this.#table.all) records[id] = lasting;
    return records;
  }

  /** Takes a slot, a token and a place at the peer, for `wantedBytes` of the chunk, until the lease ends. @internal */
  lease({ id }: Peer, chunk: number, wantedBytes = this.#pool.config.chunkBytes): Lease {
    const peer = this.#table.get(id);
    const leg = new LegInFlight(peer, chunk, wantedBytes, this.#pool.now);
    let isOver = false;
    this.#slots.take(chunk);
    this.#stragglers.add(leg);
    peer.legBegan(wantedBytes);
    const end = (outcome: () => void): void => {
      if (isOver) return;
      isOver = true;
      this.#stragglers.remove(leg);
      this.#slots.giveBack(chunk);
      outcome();
    };
    return {
      cut: leg.cut,
      received: (bytes) => this.#heard(leg, bytes),
      delivered: () => end(() => peer.legDelivered(leg)),
      broken: (error) => end(() => peer.legBroken(leg, error)),
      failed: (error) => end(() => peer.legFailed(leg, error)),
      cancelled: () => end(() => peer.legCancelled(leg)),
    };
  }

  #heard(leg: LegInFlight, bytes: number): void {
    const { peer, startedAt, heardAt } = leg;
    const { now } = this.#pool;
    this.network.heard(peer);
    this.#pool.newsAt = now;
    const wasPaused = this.#stragglers.wasPaused(heardAt ?? startedAt);
    peer.heard(leg, bytes, wasPaused);
    leg.heard(bytes, now);
    if (heardAt === undefined && !wasPaused) this.#hedgeDelay.firstByteTook(now - startedAt);
  }

  /** Another peer that could take a leg for the chunk now, besides those that serve it; `undefined` when there is none. @internal */
  spare(chunk: number, except: (peer: Peer) => boolean): Peer | undefined {
    return this.#slots.spare(chunk, except);
  }

  /**
   * Free peers for a chunk whose legs are slow, while this is subscribed; what is emitted is asked at once, or not at all.
   * `accepts` says whether a peer may be, beside the other or `instead` of it.
   * @internal
   */
  rescues(chunk: number, accepts: (peer: Peer, instead: boolean) => boolean): Observable<Rescue> {
    return this.#stragglers.rescues(chunk, accepts);
  }

  /** Bytes of this peer were found right. */
  verified(id: string): void {
    this.#table.find(id)?.proved();
  }

  /** Quarantines a peer: it is not asked again in this download, and its legs end. */
  quarantine(id: string, error: DownloadError): void {
    if (!this.isQuarantined(id)) this.#table.find(id)?.quarantined(error);
  }

  /** Bars these peers, and no others, from the chunk from now on, whatever they have. @internal */
  bar(chunk: number, ids: ReadonlySet<string>): void {
    this.#pool.barred.set(chunk, ids);
  }

  isQuarantined(id: string): boolean {
    return this.#table.find(id)?.health.state === "quarantined";
  }

  /** The share of this run's legs that delivered, of those that did or failed; two thirds when there were none. @internal */
  get successRate(): number {
    const { ok, failed } = this.#pool.tally;
    return successRate(ok, failed);
  }

  /** Why all peers were lost, if they were. @internal */
  get lost(): DownloadError | undefined {
    return this.#table.hasHope ? undefined : this.#membership.nobodyLeft();
  }

  /**
   * True while there are peers, and all are blacklisted or probed at best, because no connection to them holds; never while others are looked for
   * (`looksForPeers`) and may come. Emits on change. @internal
   */
  deserted(looksForPeers: boolean): Observable<boolean> {
    return this.#news.pipe(
      map(() => (this.isComplete || !looksForPeers) && this.#areAllOut()),
      distinctUntilChanged(),
    );
  }

  /** The failure that was counted last. @internal */
  get lastFailure(): DownloadError | undefined {
    return this.#pool.tally.lastFailure;
  }

  /** True when no new peer will come. @internal */
  get isComplete(): boolean {
    return this.#membership.isComplete;
  }

  /**
   * True while others may come, and none of those who could serve the chunk is reached, whoever else is there; `lost` names one to whom a connection has failed
   * just now, which nobody has counted yet. One rule for whether a failure uses a retry and whether a deadline ends the chunk, so that few retries end nothing
   * that many would not. @internal
   */
  isForsakenFor(chunk: number, lost?: string): boolean {
    if (this.isComplete) return false;
    const holders = [...this.#table.alive()].filter((peer) => peer.couldServe(chunk));
    return holders.length > 0 && holders.every((peer) => peer.id === lost || !peer.isReached);
  }

  /** True when the peer is blacklisted, or gets its one chance. @internal */
  isBlacklisted(id: string): boolean {
    const { state } = this.#table.get(id).health;
    return state === "open" || state === "half-open";
  }

  #areAllOut(): boolean {
    const all = [...this.#table.alive()];
    // A blacklist of an earlier run says nothing of now.
    const isOut = ({ id, incident }: PooledPeer): boolean =>
      this.isBlacklisted(id) && incident !== undefined && isNoConnection(incident.code);
    return all.length > 0 && all.every(isOut);
  }

  /**
   * The wait for these chunks, while there are peers, and none who is reached has any of them: with others that may come (`looksForPeers`), or with peers that
   * may get what nobody has. `newsAt` is when a peer that lacks chunks told news last, which counts where nobody else may come (by the clock, ms): a connection
   * that is made anew is news, too. @internal
   */
  holdersAwaited(
    chunks: readonly number[],
    looksForPeers: boolean,
  ): { readonly newsAt: number; readonly isAnybodyThere: boolean } | undefined {
    const all = [...this.#table.alive()];
    const there = all.filter(({ isReached }) => isReached);
    const others = looksForPeers && !this.isComplete;
    if (all.length === 0 || (!others && (there.length === 0 || (this.isComplete && !this.#table.somePartial))))
      return undefined;
    const holders = others ? there : all;
    if (chunks.length === 0 || chunks.some((chunk) => holders.some((peer) => peer.couldServe(chunk)))) return undefined;
    return { newsAt: others ? -Infinity : this.#pool.newsAt, isAnybodyThere: there.length > 0 };
  }

  /** True when the peer is bringing bytes of some leg right now. @internal */
  isServing(id: string): boolean {
    return (this.#table.find(id)?.flowing ?? 0) > 0;
  }

  /** True when a peer that is well, and none of these, could serve the chunk, now or when it has room. @internal */
  hasAnother(ids: ReadonlySet<string>, chunk: number): boolean {
    return this.#table.someCouldServe(chunk, undefined, ({ isHealthy, id }) => isHealthy && !ids.has(id));
  }

  /** The chunks among these that nobody has who is there; none while nobody is there at all. @internal */
  unheld(chunks: Iterable<number>): readonly number[] {
    const there = this.#table.all.filter(({ isReached }) => isReached);
    if (there.length === 0) return [];
    return [...chunks].filter((chunk) => !there.some((peer) => peer.couldServe(chunk)));
  }

  /** True when no other peer is there for the chunk. @internal */
  isOnly(id: string, chunk: number): boolean {
    return !this.#table.someCouldServe(chunk, id);
  }

  /** The invariants that do not hold now; between two calls, none. @internal */
  get violations(): readonly string[] {
    const { all } = this.#table;
    const legs = all.reduce((sum, { inFlight }) => sum + inFlight, 0);
    const { inFlight } = this.#slots;
    const { size } = this.#stragglers;
    const misranked = all.filter((peer) => !this.#ranking.isRight(peer));
    return [
      ...(inFlight === size && legs === size
        ? []
        : [`${size} legs are watched, ${inFlight} slots taken, ${legs} in flight`]),
      ...misranked.map(
        (peer) =>
          `${peer.id} is ${this.#ranking.has(peer) ? "ranked and may take no leg" : "not ranked and may take one"}`,
      ),
      ...this.#slots.strays.map((chunk) => `chunk ${chunk} is in line and not open`),
    ];
  }
}
