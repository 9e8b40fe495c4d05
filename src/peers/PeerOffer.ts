import { EMPTY, Subscription } from "rxjs";
import type { Peer } from "./Peer.js";
import type { PoolContext } from "./PoolContext.js";

/**
 * A peer as the list and its own news tell of it: whether it is there, by which way it is asked, and which chunks it has. Ends in `changed` where that may
 * matter to whoever waits for a peer.
 */
export class PeerOffer {
  readonly #pool: PoolContext;
  readonly #changed: (when: "now" | "perhaps") => void;
  /** Chunks that it said it lacks. */
  readonly #missing = new Set<number>();
  #way: Peer;
  #following = Subscription.EMPTY;
  #isPresent = false;
  #news = 0;
  /** The most chunks that it has said it has. */
  #mostHeld = -1;

  constructor(way: Peer, pool: PoolContext, changed: (when: "now" | "perhaps") => void) {
    this.#way = way;
    this.#pool = pool;
    this.#changed = changed;
  }

  /** The way by which it is asked now. */
  get way(): Peer {
    return this.#way;
  }

  get isPresent(): boolean {
    return this.#isPresent;
  }

  /** True when the peer lacks chunks that it may get. */
  get isPartial(): boolean {
    return this.#way.isPartial === true;
  }

  /** Number that another one replaces when the peer may have other chunks than before. */
  get news(): number {
    return this.#news;
  }

  has(chunk: number): boolean {
    return (this.#missing.size === 0 || !this.#missing.has(chunk)) && this.#way.has?.(chunk) !== false;
  }

  /** True when others are getting the chunk from the peer, or got it of late, and pass it on. */
  isAskedFor(chunk: number): boolean {
    return this.#way.isAsked?.(chunk) === true;
  }

  /** The peer said that it lacks the chunk, when it was asked by `way`, which could start in the middle then, or could not. */
  lacks(chunk: number, way: Peer, ranged: boolean): void {
    if (way === this.#way && ranged === way.ranges) this.#missing.add(chunk);
  }

  /** The peer is in the list; `way` may be another one than before, of which nothing is known to be missing. */
  listed(way: Peer): void {
    const wasPresent = this.#isPresent;
    const isKnown = this.#way === way;
    if (!wasPresent || !isKnown) this.#follow(way);
    if (wasPresent && !isKnown) this.#missing.clear();
    this.#way = way;
    this.#isPresent = true;
    // A list that is told again because of somebody else says nothing of one that tells its own changes.
    if (!wasPresent || !isKnown || way.changes === undefined) this.#hasNews();
    if (!wasPresent) this.#pool.tell({ type: "peer-joined", peer: way.id, source: way.source ?? "link" });
    this.#changed("now");
  }

  left(): void {
    this.#following.unsubscribe();
    this.#isPresent = false;
    this.#pool.tell({ type: "peer-left", peer: this.#way.id });
    this.#changed("now");
  }

  #follow({ changes = EMPTY }: Peer): void {
    this.#following.unsubscribe();
    this.#following = this.#pool.follow(changes, () => {
      this.#hasNews();
      this.#changed("perhaps");
    });
  }

  /** The peer may have got chunks since it said that it lacks them. */
  #hasNews(): void {
    this.#news++;
    for (const chunk of this.#missing) if (this.#way.has?.(chunk) === true) this.#missing.delete(chunk);
    if (!this.isPartial) return;
    this.#pool.hasPartial = true;
    const { held } = this.#way;
    if (held !== undefined && held <= this.#mostHeld) return;
    this.#mostHeld = held ?? this.#mostHeld;
    this.#pool.newsAt = this.#pool.now;
  }
}
