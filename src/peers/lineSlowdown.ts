import type { LegInFlight } from "./LegInFlight.js";
import type { PooledPeer } from "./PooledPeer.js";

/** A line that brought nothing for so long is dead, not slow. */
const deadMs = 2000;
/** A peer that was heard since, and has no leg that can be judged, does what it usually does. */
const freshMs = 500;

/** When bytes of a peer came last. */
interface Heard {
  readonly speed: { readonly heardAt: number | undefined };
}

/** The speed of each peer at work of late, as a share of its usual one: as the best leg shows that can be judged, at most 1. */
export function sharesOfUsual(legs: Iterable<LegInFlight>, now: number): ReadonlyMap<PooledPeer, number> {
  const shares = new Map<PooledPeer, number>();
  const others = new Set<PooledPeer>();
  for (const leg of legs) {
    const { peer } = leg;
    const share = leg.shareOfUsual(now);
    if (share === undefined) others.add(peer);
    else shares.set(peer, Math.min(1, Math.max(share, shares.get(peer) ?? 0)));
  }
  for (const peer of others) {
    const isFresh = now - (peer.speed.heardAt ?? -Infinity) < freshMs;
    if (isFresh && !shares.has(peer)) shares.set(peer, 1);
  }
  return shares;
}

/**
 * How much slower our own line is than usual, from 0 to 1: what more than half of the peers at work, two at least, bring of what they
 * usually bring. One peer that is slow is slow; when most are, at once, it is the way to them all. 1 where nobody brings anything: that is
 * no slow line, but a dead one, and a dead one is left.
 */
export function commonSlowdown(shares: ReadonlyMap<Heard, number>, now: number): number {
  if (shares.size < 2) return 1;
  const isDead = [...shares.keys()].every(({ speed: { heardAt = -Infinity } }) => now - heardAt >= deadMs);
  if (isDead) return 1;
  return [...shares.values()].sort((a, b) => a - b)[shares.size >> 1] ?? 1;
}
