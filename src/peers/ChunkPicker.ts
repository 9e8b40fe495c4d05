import { defaultRandom } from "../../operators/defaults.js";
import type { PeerTable } from "./PeerTable.js";
import type { PoolContext } from "./PoolContext.js";
import type { PooledPeer } from "./PooledPeer.js";

/** Chunks, drawn by chance, that are compared for one that is begun, and peers that are asked how rare each is: what a pick costs has a bound. */
const mostCompared = 128;
const mostCounted = 64;

/** A chunk of a peer that is still to be begun, as of what the peer had then. */
interface Lead {
  readonly news: number;
  readonly chunk: number | undefined;
}

/**
 * The choice of the chunk that is begun next.
 *
 * Among peers that have everything that is the next one in the file, which suits disks. Where somebody lacks chunks, or what comes here is shared, it is rarest
 * first, as in BitTorrent (B. Cohen, "Incentives Build Robustness in BitTorrent", 2003): of the chunks that a peer has which is free now, the one that the
 * fewest have, by chance among equals, and the very first one by chance alone. So no two downloaders ask the origin for the same, and what one of them takes
 * along when it leaves is had by others. A chunk that nobody has who is free is not begun, nor, while there is anything else to do, one that others are getting
 * from the peer: they are about to pass it on, and a second copy would take the place of a chunk that nobody has yet.
 *
 * Chunks are handed out as places in line, each of which becomes a chunk when its turn comes.
 */
export class ChunkPicker {
  readonly #pool: PoolContext;
  readonly #table: PeerTable;
  readonly #random: () => number;
  #rest: Iterator<number> | undefined;
  /** Chunks that are still to be begun, of which so many are promised; in the order of the file until the rarest is wanted. */
  #left: number[] = [];
  /** Where each of them stands, by its index, from when the rarest is wanted; -1 for those that are begun. */
  #placeOf: Int32Array | undefined;
  #promised = 0;
  #isFirst = true;
  #leads = new Map<PooledPeer, Lead>();

  constructor(pool: PoolContext, table: PeerTable) {
    this.#pool = pool;
    this.#table = table;
    this.#random = pool.config.random ?? defaultRandom;
  }

  /** True when the rarest chunk is to be begun next. */
  get isSelective(): boolean {
    return this.#pool.config.isSharing === true || this.#pool.hasPartial;
  }

  /** Places for these chunks, one list at a time; `ready` are the peers that are free when a place becomes a chunk. */
  *places(chunks: Iterable<number>, ready: () => Iterable<PooledPeer>): Generator<() => number, void> {
    this.#rest = chunks[Symbol.iterator]();
    this.#left = [];
    this.#placeOf = undefined;
    this.#promised = 0;
    this.#leads.clear();
    while (this.#hasMore()) {
      this.#promised++;
      yield () => {
        this.#promised--;
        return this.isSelective ? this.#rarest([...ready()]) : (this.#left.shift() ?? 0);
      };
    }
  }

  /** True when the peer offers a chunk that is still to be begun, or none is known: whoever waits to begin one is about to bring a list. */
  offers(peer: PooledPeer): boolean {
    this.#spread();
    return this.#left.length === 0 || this.#leadOf(peer) !== undefined;
  }

  /** True when the peer has a chunk that is still to be begun, offered or not. */
  wants(peer: PooledPeer): boolean {
    return this.#left.some((chunk) => peer.couldServe(chunk));
  }

  #hasMore(): boolean {
    if (this.#left.length > this.#promised) return true;
    const next = this.#rest?.next();
    if (next === undefined || next.done === true) return false;
    this.#left.push(next.value);
    return true;
  }

  /** Has all chunks before it that are still to be begun. */
  #spread(): void {
    if (this.#placeOf !== undefined) return;
    for (let next = this.#rest?.next(); next?.done === false; next = this.#rest?.next()) this.#left.push(next.value);
    const places = new Int32Array(this.#left.reduce((most, chunk) => Math.max(most, chunk + 1), 0)).fill(-1);
    this.#left.forEach((chunk, place) => (places[chunk] = place));
    this.#placeOf = places;
  }

  #rarest(ready: readonly PooledPeer[]): number {
    this.#spread();
    const leads = ready.map((peer) => this.#leadOf(peer)).filter((chunk) => chunk !== undefined);
    const drawn = [...this.#draw(), ...leads];
    const offered = drawn.filter((chunk) => ready.some((peer) => offers(peer, chunk)));
    const canBegin = offered.length > 0 ? offered : drawn.filter((chunk) => ready.some((peer) => peer.holds(chunk)));
    const [any = this.#left[0] ?? 0, ...others] = canBegin.length > 0 ? canBegin : drawn;
    const chosen = this.#isFirst ? any : this.#fewestOf(any, others);
    this.#isFirst = false;
    this.#remove(chosen);
    return chosen;
  }

  /** Sample of the chunks that are left, by chance; all, where there are few. */
  *#draw(): Generator<number, void> {
    const left = this.#left;
    const count = Math.min(left.length, mostCompared);
    for (let drawn = 0; drawn < count; drawn++) {
      this.#swap(drawn, drawn + Math.floor(this.#random() * (left.length - drawn)));
      yield left[drawn] ?? 0;
    }
  }

  #fewestOf(first: number, others: readonly number[]): number {
    const holders: PooledPeer[] = [];
    for (const peer of this.#table.alive()) if (holders.push(peer) === mostCounted) break;
    // No further than what is found already.
    const rarityOf = (chunk: number, most: number): number => {
      let count = 0;
      for (const peer of holders) {
        if (peer.holds(chunk)) count += peer.offer.isAskedFor(chunk) ? 2 : 1;
        if (count >= most) break;
      }
      return count;
    };
    let best = first;
    let fewest = rarityOf(first, Infinity);
    for (const chunk of others) {
      const count = rarityOf(chunk, fewest);
      if (count >= fewest) continue;
      best = chunk;
      fewest = count;
    }
    return best;
  }

  #leadOf(peer: PooledPeer): number | undefined {
    const known = this.#leads.get(peer);
    if (known?.news === peer.offer.news) {
      const { chunk } = known;
      if (chunk === undefined || (this.#place(chunk) >= 0 && offers(peer, chunk))) return chunk;
    }
    const { length } = this.#left;
    const start = Math.floor(this.#random() * length);
    let chunk: number | undefined;
    for (let step = 0; step < length && chunk === undefined; step++) {
      const each = this.#left[(start + step) % length] ?? 0;
      if (offers(peer, each)) chunk = each;
    }
    this.#leads.set(peer, { news: peer.offer.news, chunk });
    return chunk;
  }

  #remove(chunk: number): void {
    const place = this.#place(chunk);
    if (place < 0) return;
    this.#swap(place, this.#left.length - 1);
    this.#left.pop();
    if (this.#placeOf !== undefined) this.#placeOf[chunk] = -1;
  }

  #place(chunk: number): number {
    return this.#placeOf?.[chunk] ?? -1;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#left[a] ?? 0, this.#left[b] ?? 0];
    this.#left[a] = other;
    this.#left[b] = one;
    const places = this.#placeOf;
    if (places === undefined) return;
    places[other] = a;
    places[one] = b;
  }
}

/** True when the peer, which is alive, has the chunk, and it need not be left to those who are getting it there and pass it on. */
function offers(peer: PooledPeer, chunk: number): boolean {
  return peer.holds(chunk) && !peer.offer.isAskedFor(chunk);
}
