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
  /** Peers that give the file only as a whole. */
  readonly #lastResorts = new Set<PeerEntry>();
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

  /** Puts the peer at its place in the ranking, or outside of it until it can be asked. */
  rank(entry: PeerEntry): void {
    this.#place(entry);
    if (!entry.peer.ranges) this.#lastResorts.add(entry);
    else for (const other of this.#lastResorts) this.#place(other);
  }

  #place(entry: PeerEntry): void {
    entry.wake.unsubscribe();
    const waitMs =
      entry.open && !this.#yields(entry) ? Math.max(entry.rate.waitMs(this.now), entry.paceMs(this.now)) : Infinity;
    if (waitMs === 0) {
      this.#score(entry);
      this.#drawAgain(entry);
      return;
    }
    this.ranked.delete(entry);
    this.#drawn.delete(entry);
    if (waitMs === Infinity) return;
    entry.wake = this.after(waitMs, () => {
      this.rank(entry);
      this.freed.next();
    });
  }

  /** One that cannot start in the middle would bring what others can bring side by side: it waits until nobody else is well. */
  #yields({ peer }: PeerEntry): boolean {
    return !peer.ranges && this.all.some((entry) => entry.alive && startsAnywhere(entry));
  }

  /** Those that can take a leg of the chunk now, best first. */
  *able(chunk: number): Generator<PeerEntry, void> {
    for (const entry of this.ranked) if (entry.couldServe(chunk)) yield entry;
    for (const entry of this.#lastResorts) if (this.#stepsIn(entry, chunk)) yield entry;
  }

  /** Whether it is among those. */
  isAble(entry: PeerEntry, chunk: number): boolean {
    return (this.ranked.has(entry) && entry.couldServe(chunk)) || this.#stepsIn(entry, chunk);
  }

  /** One that waits for others need not for what none of them has. */
  #stepsIn(entry: PeerEntry, chunk: number): boolean {
    if (entry.peer.ranges || !entry.open || this.ranked.has(entry) || !entry.couldServe(chunk)) return false;
    return !this.someCouldServe(chunk, entry.peer.id, startsAnywhere);
  }

  #score(entry: PeerEntry): void {
    this.#drawn.delete(entry);
    const random = (): number => {
      this.#drawn.add(entry);
      return this.#random();
    };
    const { record, inFlight, bytes } = entry;
    const contender = { record, inFlight, bytes, chunkBytes: this.config.chunkBytes, random };
    this.ranked.set(entry, this.#scoreOf(entry.peer.id, contender), entry.order);
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

/** Whether it is well, as far as is known, and need not begin at the first byte. */
function startsAnywhere({ peer, standing }: PeerEntry): boolean {
  return peer.ranges && standing.state !== "blacklisted";
}
