import type { Subscriber } from "rxjs";
import { Observable, Subject, Subscription } from "rxjs";
import type { Others } from "../../operators/LegRace.js";
import { TokenBucket } from "../../operators/TokenBucket.js";
import { DownloadError } from "../errors/DownloadError.js";
import { expectedCompletionMs } from "./expectedCompletion.js";
import type { LegInFlight } from "./LegInFlight.js";
import { commonSlowdown, sharesOfUsual } from "./lineSlowdown.js";
import type { Peer } from "./Peer.js";
import type { PoolContext } from "./PoolContext.js";
import type { PooledPeer } from "./PooledPeer.js";
import type { Ranking } from "./Ranking.js";

/** A peer that is free, for a chunk that another one is slow with. */
export interface Rescue {
  readonly peer: Peer;
  readonly reason: "take-over" | "end-game";
  /** Fate of the other leg; `stop` where its slot is taken. */
  readonly others: Others;
}

interface Rescuable {
  /** True when a peer may be asked, beside the other or instead of it. */
  readonly accepts: (peer: Peer, instead: boolean) => boolean;
  readonly subscriber: Subscriber<Rescue>;
}

/** A late first byte says nothing of the speed, and so does not send away a peer that is twice as fast; one that is hardly faster it does. */
const takeOver = { reason: "take-over", others: "bridge" } as const;
const endGame = { reason: "end-game", others: "race" } as const;

const everyMs = 250;
/** The share of what is usual below which the line of this machine is slow. */
const slowLine = 0.5;
/** A peer that turns out to be slow so soon after the others is slow for the same reason. */
const slowForMs = 1500;
/** A rescue has to be worth a second request: so much sooner, in ms and as a ratio. */
const leastGainMs = 100;
const leastGain = 1.25;
/** A peer of unknown speed may be tried in the place of a leg that would take so much longer. */
const worthATryMs = 2000;
/** Peers that are considered for one rescue, the best ones. */
const considered = 16;

/**
 * Watches the legs in flight, four times a second, for those whose peer has grown slow, and finds free peers for them.
 *
 * - A leg far below what its peer usually brings is stopped, whoever else is free.
 * - With a free slot and nothing else to start, the leg with the latest expected end is continued on the best free peer (end
 *   game), if that one would be done sooner. At most two peers are at one chunk, never the same one twice at
 *   a time, and an attempt asks a peer no more than twice.
 * - One that is usually at least twice as fast takes over: a first byte of the other that comes after all, before its own, does not send
 *   it away. In the end game that byte decides.
 * - With no free slot, a leg gives its own to an idle peer at least twice as fast that would be done sooner, or to one of unknown speed,
 *   which is tried.
 *
 * The end game is that of libtorrent and Transmission, bounded as there: two requesters a chunk, free peers only.
 */
export class StragglerMonitor {
  readonly #pool: PoolContext;
  readonly #ranking: Ranking;
  readonly #legs = new Set<LegInFlight>();
  readonly #rescuable = new Map<number, Rescuable>();
  /** Emits after each look at the legs. */
  readonly looked = new Subject<void>();
  /** For peers of unknown speed: each slot once, and then one a second, or a hundred of them would be tried one after the other. */
  readonly #tries: TokenBucket;
  #tick = Subscription.EMPTY;
  #slowdown = 1;
  #slowAt = -Infinity;
  #paused = false;
  #pausedUntil = -Infinity;

  constructor(pool: PoolContext, ranking: Ranking) {
    this.#pool = pool;
    this.#ranking = ranking;
    this.#tries = new TokenBucket({ capacity: pool.config.maxConcurrent, perSecond: 1 }, pool.now);
  }

  /** How many legs are watched. */
  get size(): number {
    return this.#legs.size;
  }

  /** The share of its usual speed that our own line lets through, from 0 to 1. */
  get slowdown(): number {
    return this.#slowdown;
  }

  /** Says `true` while we ourselves keep the peers back. */
  set paused(paused: boolean) {
    if (this.#paused && !paused) this.#pausedUntil = this.#pool.now;
    this.#paused = paused;
  }

  /** True when we kept the peers back at any time after `since`. */
  wasPaused(since: number): boolean {
    return this.#paused || this.#pausedUntil >= since;
  }

  add(leg: LegInFlight): void {
    this.#legs.add(leg);
    this.#arm();
  }

  remove(leg: LegInFlight): void {
    this.#legs.delete(leg);
    if (this.#legs.size === 0) this.#tick.unsubscribe();
  }

  /** See `PeerPool.rescues`. */
  rescues(chunk: number, accepts: Rescuable["accepts"]): Observable<Rescue> {
    return new Observable((subscriber) => {
      const rescuable = { accepts, subscriber };
      this.#rescuable.set(chunk, rescuable);
      subscriber.add(() => {
        if (this.#rescuable.get(chunk) === rescuable) this.#rescuable.delete(chunk);
      });
      this.#arm();
    });
  }

  /** True when some chunk could be helped. */
  get isNeeded(): boolean {
    return this.#rescuable.size > 0 && this.#legs.size > 0 && this.#ranking.size > 0;
  }

  /** Gives the best free peer the chunk that it helps most; answers whether a leg started. For when nothing else is to start. */
  rescue(): boolean {
    const { now } = this.#pool;
    const usualRate = this.#usualRate();
    const late = [...this.#legs]
      .map((leg) => ({ leg, leftMs: leg.expectedLeftMs(now, usualRate) }))
      .sort((a, b) => b.leftMs - a.leftMs);
    for (const free of this.#free()) {
      for (const { leg, leftMs } of late) {
        const rescuable = this.#rescuable.get(leg.chunk);
        if (rescuable === undefined || !rescuable.accepts(free.peer, false) || !free.couldServe(leg.chunk)) continue;
        if (!pays(free, leg, { leftMs, usualRate })) continue;
        const before = this.#legs.size;
        const how = isTwiceAsFast(free, leg, leftMs) ? takeOver : endGame;
        rescuable.subscriber.next({ peer: free.peer, ...how });
        return this.#legs.size !== before;
      }
    }
    return false;
  }

  /** Gives slots of slow legs to idle peers, each time that of the slowest one. For when there is no free slot. */
  relieve(): void {
    const { now } = this.#pool;
    const usualRate = this.#usualRate();
    for (const free of [...this.#free()]) {
      if (!this.#ranking.has(free)) continue; // it has begun a leg meanwhile
      const slowest = this.#slowestFor(free, now, usualRate);
      if (slowest === undefined) continue;
      slowest.peer.slowedTo(slowest.shareOfUsual(now) ?? 1); // or it would be given the next chunk for what it was
      this.#rescuable.get(slowest.chunk)?.subscriber.next({ peer: free.peer, ...takeOver, others: "stop" });
    }
  }

  /** The leg that ends last of those whose slot the peer would use better. */
  #slowestFor(free: PooledPeer, now: number, usualRate: number): LegInFlight | undefined {
    const isTry = free.speed.bytesPerSecond === undefined;
    if (free.inFlight > 0 || (isTry && !this.#tries.has(1, now))) return undefined;
    let slowest: LegInFlight | undefined;
    let latestMs = isTry ? worthATryMs : 0;
    for (const leg of this.#legs) {
      if (leg.peer === free || !this.#rescuable.get(leg.chunk)?.accepts(free.peer, true)) continue;
      const leftMs = leg.expectedLeftMs(now, usualRate);
      if (leftMs <= latestMs || !free.couldServe(leg.chunk)) continue;
      const isBetter = isTry
        ? leg.isKnown(now)
        : isTwiceAsFast(free, leg, leftMs) && pays(free, leg, { leftMs, usualRate });
      if (!isBetter) continue;
      slowest = leg;
      latestMs = leftMs;
    }
    if (isTry && slowest !== undefined) this.#tries.take(1, now);
    return slowest;
  }

  /** Bytes a second of a peer at work, on the average; for one of unknown speed. Infinity where none is known. */
  #usualRate(): number {
    const rates = [...this.#legs].flatMap(({ peer }) => peer.speed.bytesPerSecond ?? []);
    return rates.length === 0 ? Infinity : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  }

  *#free(): Generator<PooledPeer, void> {
    let seen = 0;
    for (const peer of this.#ranking) {
      if (++seen > considered) return;
      if (peer.isHealthy) yield peer;
    }
  }

  #arm(): void {
    if (!this.#tick.closed || this.#legs.size === 0 || this.#rescuable.size === 0) return;
    this.#tick = this.#pool.after(everyMs, () => {
      this.#tick = Subscription.EMPTY; // closed only after this
      this.#look();
      this.#arm();
    });
  }

  #look(): void {
    const { now } = this.#pool;
    const wasPaused = this.wasPaused(now - everyMs);
    this.#slowdown = wasPaused ? 1 : this.#judgeLine(now);
    for (const leg of [...this.#legs]) {
      if (wasPaused) leg.excuse(now);
      else if (this.#rescuable.has(leg.chunk) && isFarBelowUsual(leg, now, this.#slowdown)) {
        this.#stop(leg);
        continue;
      }
      leg.mark(now);
    }
    this.looked.next();
  }

  /** Answers how slow our own line is; the speeds of those that it makes slow are taken down to what is seen, at once. */
  #judgeLine(now: number): number {
    const shares = sharesOfUsual(this.#legs, now);
    const slowdown = commonSlowdown(shares, now);
    if (slowdown < slowLine) this.#slowAt = now;
    if (now - this.#slowAt > slowForMs) return 1;
    for (const [peer, share] of shares) {
      if (share < slowLine) peer.slowedTo(share);
    }
    return slowdown;
  }

  #stop({ peer: { id: peer }, chunk, stop }: LegInFlight): void {
    const text = `chunk ${chunk} from ${peer} comes at less than a tenth of its usual speed`;
    stop.next(new DownloadError("STALLED", text, { chunk, peer }));
  }
}

/** True when a leg brought, over the whole window, less than a tenth of what its peer usually brings a leg on a line like this. */
function isFarBelowUsual(leg: LegInFlight, now: number, slowdown: number): boolean {
  return leg.wasWatched(now) && (leg.shareOfUsual(now) ?? 1) < 0.1 * slowdown;
}

/** True when the peer usually brings twice what the leg is going to bring. */
function isTwiceAsFast({ speed: { bytesPerSecond = 0 } }: PooledPeer, leg: LegInFlight, leftMs: number): boolean {
  return bytesPerSecond >= (2 * leg.leftBytes * 1000) / leftMs;
}

/** True when the peer would be done so much sooner that a second request is worth it. */
function pays(
  { record, inFlight }: PooledPeer,
  { leftBytes }: LegInFlight,
  { leftMs, usualRate }: { readonly leftMs: number; readonly usualRate: number },
): boolean {
  const bytesPerSecond = record.bytesPerSecond ?? usualRate;
  if (bytesPerSecond === Infinity) return false;
  return leftMs > leastGain * expectedCompletionMs({ ...record, bytesPerSecond }, inFlight, leftBytes) + leastGainMs;
}
