import { Subscription } from "rxjs";
import { defaultRandom } from "../../operators/defaults.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { Heap, type HeapMember } from "./Heap.js";
import type { PeerTable } from "./PeerTable.js";
import type { PoolContext } from "./PoolContext.js";
import type { PooledPeer } from "./PooledPeer.js";
import type { Contender, RankingStrategy } from "./strategies.js";
import { balanced } from "./strategies.js";

/** A peer's place in the ranking, or the timer that brings it back there. */
interface Ranked extends HeapMember {
  readonly peer: PooledPeer;
  score: number;
  wake: Subscription;
}

/**
 * The peers that can take a leg now, best first, and nobody else: full, busy, blacklisted and paced peers are outside, until the event or
 * the time that brings them back.
 *
 * One that cannot start in the middle would bring what others can bring side by side. Such a last resort is ranked only when nobody else is
 * well, but may step in for a chunk that none of the others has. Of several only one is ranked, or each would bring the whole: the one that is at
 * it, until it fails.
 */
export class Ranking {
  readonly #pool: PoolContext;
  readonly #table: PeerTable;
  readonly #strategy: RankingStrategy;
  readonly #random: () => number;
  /** The time has brought somebody back. */
  readonly #freed: () => void;
  readonly #heap = new Heap<Ranked>(isBefore);
  readonly #places = new Map<PooledPeer, Ranked>();
  /** Places whose score was drawn by chance, longest ago first. */
  readonly #drawn = new Set<Ranked>();
  /** Peers that give the file only as a whole. */
  readonly #lastResorts = new Set<PooledPeer>();

  constructor(pool: PoolContext, table: PeerTable, freed: () => void) {
    this.#pool = pool;
    this.#table = table;
    this.#freed = freed;
    this.#strategy = pool.config.strategy ?? balanced;
    this.#random = pool.config.random ?? defaultRandom;
  }

  get size(): number {
    return this.#heap.size;
  }

  has(peer: PooledPeer): boolean {
    return (this.#places.get(peer)?.place ?? -1) >= 0;
  }

  *[Symbol.iterator](): Generator<PooledPeer, void> {
    for (const { peer } of this.#heap) yield peer;
  }

  /** The peers that can take a leg of the chunk now, best first. */
  *able(chunk: number): Generator<PooledPeer, void> {
    for (const peer of this) if (peer.couldServe(chunk)) yield peer;
    for (const peer of this.#lastResorts) if (this.#stepsIn(peer, chunk)) yield peer;
  }

  /** True when the peer is one of those that can take a leg of the chunk now. */
  isAble(peer: PooledPeer, chunk: number): boolean {
    return (this.has(peer) && peer.couldServe(chunk)) || this.#stepsIn(peer, chunk);
  }

  /** Puts the peer at its place, or outside until it can be asked. */
  rank(peer: PooledPeer): void {
    this.#rankOne(peer);
    if (!peer.peer.ranges) this.#lastResorts.add(peer);
    for (const other of this.#lastResorts) if (other !== peer) this.#rankOne(other);
  }

  /** True when the peer stands where it belongs: ranked exactly when it may take a leg, or with a timer that brings it back. */
  isRight(peer: PooledPeer): boolean {
    const waitMs = this.#waitMs(peer);
    return this.has(peer) ? waitMs === 0 : waitMs === Infinity || this.#places.get(peer)?.wake.closed === false;
  }

  /** Milliseconds until the peer belongs in the ranking; 0 for now, Infinity where time alone does not bring it back. */
  #waitMs(peer: PooledPeer): number {
    return peer.isAvailable && !this.#yields(peer) ? peer.paceMs : Infinity;
  }

  #rankOne(peer: PooledPeer): void {
    const ranked = this.#placeOf(peer);
    ranked.wake.unsubscribe();
    const waitMs = this.#waitMs(peer);
    if (waitMs === 0) {
      this.#score(ranked);
      this.#drawAgain(ranked);
      return;
    }
    this.#heap.delete(ranked);
    this.#drawn.delete(ranked);
    if (waitMs === Infinity) return;
    ranked.wake = this.#pool.after(waitMs, () => {
      this.rank(peer);
      this.#freed();
    });
  }

  #placeOf(peer: PooledPeer): Ranked {
    let ranked = this.#places.get(peer);
    if (ranked === undefined) {
      ranked = { peer, score: Infinity, place: -1, wake: Subscription.EMPTY };
      this.#places.set(peer, ranked);
    }
    return ranked;
  }

  /** True when the peer is a last resort that is not needed. */
  #yields(peer: PooledPeer): boolean {
    if (peer.peer.ranges) return false;
    return this.#table.all.some((other) => other.isAlive && goesBefore(other, peer));
  }

  /** True when the peer is a last resort that need not wait for others, because none of them has the chunk. */
  #stepsIn(peer: PooledPeer, chunk: number): boolean {
    if (peer.peer.ranges || !peer.isAvailable || this.has(peer) || !peer.couldServe(chunk)) return false;
    return !this.#table.someCouldServe(chunk, peer.id, (other) => goesBefore(other, peer));
  }

  #score(ranked: Ranked): void {
    this.#drawn.delete(ranked);
    const random = (): number => {
      this.#drawn.add(ranked);
      return this.#random();
    };
    const { id, record, inFlight, bytes } = ranked.peer;
    ranked.score = this.#scoreOf(id, { record, inFlight, bytes, chunkBytes: this.#pool.config.chunkBytes, random });
    this.#heap.put(ranked);
  }

  /** A strategy may be the user's own: what is wrong with it ends the pool. */
  #scoreOf(peer: string, contender: Contender): number {
    try {
      const score: unknown = this.#strategy(contender);
      if (typeof score === "number" && !Number.isNaN(score)) return score;
      throw new TypeError(`the strategy scores ${peer} with ${String(score)}; it must be a number`);
    } catch (error) {
      this.#pool.fail(toDownloadError(error, { peer }));
      return Infinity;
    }
  }

  /** A peer that drew badly while nothing happens to it would never be asked: with each other's event one more draws again. */
  #drawAgain(after: Ranked): void {
    const [longest] = this.#drawn;
    if (longest !== undefined && longest !== after) this.#score(longest);
  }
}

function isBefore(a: Ranked, b: Ranked): boolean {
  return a.score < b.score || (a.score === b.score && a.peer.order < b.peer.order);
}

/** True when the other peer is to be asked rather than this one, which gives the file only as a whole. */
function goesBefore(other: PooledPeer, peer: PooledPeer): boolean {
  if (startsAnywhere(other)) return true;
  if (other === peer || !other.isHealthy) return false;
  const [theirs, ours] = [other.record.failures, peer.record.failures];
  if (!peer.isHealthy || theirs !== ours) return !peer.isHealthy || theirs < ours;
  return other.bytes !== peer.bytes ? other.bytes > peer.bytes : other.order < peer.order;
}

/** True when the peer is well, as far as is known, and need not begin at the first byte. */
function startsAnywhere({ peer, health }: PooledPeer): boolean {
  return peer.ranges && health.state !== "open";
}
