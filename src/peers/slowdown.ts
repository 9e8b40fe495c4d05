import type { LegInFlight } from "./LegInFlight.js";
import type { PeerEntry } from "./PeerEntry.js";

/** Nobody heard for so long is a line that is dead, not slow. */
const deadMs = 2000;
/** Who was heard since, and has no leg that can be judged, does what it usually does. */
const freshMs = 500;

/** What each peer at work brings of late, as a share of what it usually brings: as the best leg shows that can be judged, at most 1. */
export function sharesOfUsual(legs: Iterable<LegInFlight>, now: number): ReadonlyMap<PeerEntry, number> {
  const shares = new Map<PeerEntry, number>();
  const others = new Set<PeerEntry>();
  for (const leg of legs) {
    const { entry } = leg;
    const share = leg.shareOfUsual(now);
    if (share === undefined) others.add(entry);
    else shares.set(entry, Math.min(1, Math.max(share, shares.get(entry) ?? 0)));
  }
  for (const entry of others) {
    const isFresh = now - (entry.heardAt ?? -Infinity) < freshMs;
    if (isFresh && !shares.has(entry)) shares.set(entry, 1);
  }
  return shares;
}

/**
 * How much slower our own line is than usual, from 0 to 1: what more than half of the peers at work, two at least, bring of what they
 * usually bring. One peer that is slow is slow; when most are, at once, it is the way to them all. 1 where nobody brings anything: that is
 * no slow line, but a dead one, and a dead one is left.
 */
export function commonSlowdown(shares: ReadonlyMap<Pick<PeerEntry, "heardAt">, number>, now: number): number {
  if (shares.size < 2) return 1;
  const isDead = [...shares.keys()].every(({ heardAt = -Infinity }) => now - heardAt >= deadMs);
  if (isDead) return 1;
  return [...shares.values()].sort((a, b) => a - b)[shares.size >> 1] ?? 1;
}
