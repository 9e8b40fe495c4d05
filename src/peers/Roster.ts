import type { SchedulerLike } from "rxjs";
import { Subject, Subscription, timer } from "rxjs";
import { defaultRandom } from "../../operators/defaults.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { nobodyLeft } from "./nobodyLeft.js";
import type { PeerEntry } from "./PeerEntry.js";
import { peerStateOf } from "./PeerState.js";
import type { PoolConfig } from "./PoolConfig.js";
import type { PoolEvent } from "./PoolEvent.js";
import { RankedPeers } from "./RankedPeers.js";
import { balanced } from "./strategies/balanced.js";
import type { Contender, RankingStrategy } from "./strategies/RankingStrategy.js";

/** Peers that can only give the whole do not wait for one that is busy for longer. */
const shortlyBusyMs = 10_000;

/** The peers of a pool, those among them that can take a leg now, and the clock and the voice that all its parts share. */
export class Roster {
  readonly config: PoolConfig;
  readonly events = new Subject<PoolEvent>();
  readonly ranked = new RankedPeers<PeerEntry>();
  /** Emits when somebody may be free who was not. */
  readonly freed = new Subject<void>();
  readonly #entries = new Map<string, PeerEntry>();
  /** Those whose score was drawn by chance, longest ago first. */
  readonly #drawn = new Set<PeerEntry>();
  /** Those that can start in the middle, and are well. */
  readonly #better = new Set<PeerEntry>();
  /** Peers that give the file only as a whole. */
  readonly #lastResorts = new Set<PeerEntry>();
  /** Those of them that could take a leg now, while there are better ones. */
  readonly #reserve = new RankedPeers<PeerEntry>();
  readonly #strategy: RankingStrategy;
  readonly #random: () => number;
  readonly #scheduler: SchedulerLike;
  readonly #timers = new Subscription();

  constructor(scheduler: SchedulerLike, config: PoolConfig) {
    this.#scheduler = scheduler;
    this.config = config;
    this.#strategy = config.strategy ?? balanced;
    this.#random = config.random ?? defaultRandom;
  }

  get now(): number {
    return this.#scheduler.now();
  }

  get all(): readonly PeerEntry[] {
    return [...this.#entries.values()];
  }

  /** Those that are neither gone nor out for good. */
  *alive(): Generator<PeerEntry, void> {
    for (const entry of this.#entries.values()) if (entry.alive) yield entry;
  }

  /** Whether anybody is left, or gone but still at work. */
  get hasHope(): boolean {
    for (const entry of this.#entries.values()) if (entry.alive || entry.inFlight > 0) return true;
    return false;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(id: string): PeerEntry | undefined {
    return this.#entries.get(id);
  }

  get(id: string): PeerEntry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`the pool does not know the peer ${id}`);
    return entry;
  }

  add(entry: PeerEntry): void {
    this.#entries.set(entry.peer.id, entry);
  }

  someCouldServe(chunk: number, except?: string, which: (entry: PeerEntry) => boolean = () => true): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.peer.id !== except && entry.couldServe(chunk) && which(entry)) return true;
    }
    return false;
  }

  /** Who can be asked for the chunk now, best first; those that give only the whole when none of the better ones has it. */
  *askable(chunk: number): Generator<PeerEntry, void> {
    for (const entry of this.ranked) if (entry.couldServe(chunk)) yield entry;
    if (!this.#needsReserve(chunk)) return;
    for (const entry of this.#reserve) if (entry.couldServe(chunk)) yield entry;
  }

  canAsk(entry: PeerEntry, chunk: number): boolean {
    return (
      entry.couldServe(chunk) && (this.ranked.has(entry) || (this.#reserve.has(entry) && this.#needsReserve(chunk)))
    );
  }

  #needsReserve(chunk: number): boolean {
    return this.#reserve.size > 0 && !this.someCouldServe(chunk, undefined, (entry) => this.#better.has(entry));
  }

  /** Puts the peer at its place in the ranking, or outside of it until it can be asked. */
  rank(entry: PeerEntry): void {
    const { peer } = entry;
    const hadBetter = this.#hasBetter;
    if (this.#isBetter(entry)) this.#better.add(entry);
    else this.#better.delete(entry);
    if (peer.ranges) this.#lastResorts.delete(entry);
    else this.#lastResorts.add(entry);
    this.#place(entry);
    if (this.#hasBetter !== hadBetter) for (const other of this.#lastResorts) this.#place(other);
  }

  #isBetter({ alive, peer, standing, keepsSayingNo }: PeerEntry): boolean {
    if (!alive || !peer.ranges || standing.state === "blacklisted") return false;
    return standing.state !== "busy" || (!keepsSayingNo && standing.untilMs - this.now <= shortlyBusyMs);
  }

  get #hasBetter(): boolean {
    return this.#better.size > 0;
  }

  #place(entry: PeerEntry): void {
    entry.wake.unsubscribe();
    const waitMs = entry.open ? Math.max(entry.rate.waitMs(this.now), entry.paceMs(this.now)) : Infinity;
    if (waitMs === 0) {
      this.#score(entry);
      this.#drawAgain(entry);
      return;
    }
    this.ranked.delete(entry);
    this.#reserve.delete(entry);
    this.#drawn.delete(entry);
    if (waitMs === Infinity) return;
    entry.wake = this.after(waitMs, () => {
      this.rank(entry);
      this.freed.next();
    });
  }

  #score(entry: PeerEntry): void {
    this.#drawn.delete(entry);
    const random = (): number => {
      this.#drawn.add(entry);
      return this.#random();
    };
    const { record, inFlight, bytes } = entry;
    const contender = { record, inFlight, bytes, chunkBytes: this.config.chunkBytes, random };
    // One that cannot start in the middle would bring what others can bring side by side: it waits until nobody else is well.
    const waits = !entry.peer.ranges && this.#hasBetter;
    const [list, other] = waits ? [this.#reserve, this.ranked] : [this.ranked, this.#reserve];
    other.delete(entry);
    list.set(entry, this.#scoreOf(entry.peer.id, contender), entry.order);
  }

  /** A strategy may be the user's own: what is wrong with it ends the pool. */
  #scoreOf(peer: string, contender: Contender): number {
    try {
      const score: unknown = this.#strategy(contender);
      if (typeof score === "number" && !Number.isNaN(score)) return score;
      throw new TypeError(`the strategy scores ${peer} with ${String(score)}; it must be a number`);
    } catch (error) {
      this.events.error(toDownloadError(error, { peer }));
      return Infinity;
    }
  }

  /** A peer that drew badly while nothing happens to it would never be asked: with each other's event one more draws again. */
  #drawAgain(after: PeerEntry): void {
    const [longest] = this.#drawn;
    if (longest !== undefined && longest !== after) this.#score(longest);
  }

  /** Runs `then` once after `ms`, unless the pool has stopped. */
  after(ms: number, then: () => void): Subscription {
    const subscription = timer(ms, this.#scheduler).subscribe(then);
    this.#timers.add(subscription);
    subscription.add(() => this.#timers.remove(subscription));
    return subscription;
  }

  tell(event: PoolEvent): void {
    this.events.next(event);
  }

  /** Nobody is left and nobody will come. */
  end(): void {
    this.events.error(this.nobodyLeft());
  }

  stop(): void {
    this.#timers.unsubscribe();
  }

  /** Why there is nobody. */
  nobodyLeft(): DownloadError {
    return nobodyLeft(this.all.map(peerStateOf), this.config.peerWaitMs);
  }
}
