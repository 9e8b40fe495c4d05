/*
 * How fast could anybody be? A lower bound for the time of a download, with all faults known in advance and the same slots.
 *
 * One request brings at most a chunk of c bytes in a round trip and the time that these take at the peer's full speed C: c bytes in
 * rtt + c/C. So k requests bring a peer's bytes no faster than min(C, k * c / (rtt + c/C)), which is concave in k: with S slots
 * for all peers, giving each slot to the peer that gains most by it is optimal (and nobody gains by giving a slot now to one peer and now
 * to another). Added up over time that is the most that can have come; the bound is the first moment when it is the whole file.
 *
 * Peers that lie bring nothing. Breaks cost nothing here: what came before one is of use, and who knows of it asks for less. A request may
 * have been sent before a peer became faster, so its higher speed counts from one round trip before. Nothing is charged for finding out
 * who is fast, for the first round trip, nor for the last chunk, which nobody shares: the bound cannot be reached.
 */
import type { SwarmPeer } from "../../src/testing/SwarmPeer.js";
import { isWithin } from "../../src/testing/SwarmPeer.js";

/** What all peers of a swarm share. */
export interface Slots {
  /** Requests at once. */
  readonly slots: number;
  /** Requests at once at one peer. */
  readonly slotsPerPeer: number;
  readonly chunkBytes: number;
}

/** The least time in which `bytes` can come, ms; `Infinity` when they never can. */
export function lowerBoundMs(bytes: number, peers: readonly SwarmPeer[], slots: Slots): number {
  const times = [...new Set([0, ...peers.flatMap(changesOf)])].filter((ms) => ms >= 0).sort((a, b) => a - b);
  let left = bytes;
  for (const [i, fromMs] of times.entries()) {
    const untilMs = times[i + 1] ?? Infinity;
    const perMs = mostPerSecond(peers, fromMs, slots) / 1000;
    if (left <= perMs * (untilMs - fromMs)) return fromMs + left / perMs;
    left -= perMs * (untilMs - fromMs);
  }
  return Infinity;
}

/** The most that can come at a moment, bytes a second. */
export function mostPerSecond(
  peers: readonly SwarmPeer[],
  atMs: number,
  { slots, slotsPerPeer, chunkBytes }: Slots,
): number {
  const gains = peers.flatMap((peer) => {
    const speed = speedAt(peer, atMs);
    if (speed === 0) return [];
    const oneLeg = chunkBytes / ((peer.roundTripMs ?? 50) / 1000 + chunkBytes / speed);
    const rate = (legs: number): number => Math.min(speed, legs * oneLeg);
    const most = Math.min(slotsPerPeer, Math.ceil(speed / oneLeg));
    return Array.from({ length: most }, (_, legs) => rate(legs + 1) - rate(legs));
  });
  return gains
    .sort((a, b) => b - a)
    .slice(0, slots)
    .reduce((sum, gain) => sum + gain, 0);
}

function speedAt(peer: SwarmPeer, atMs: number): number {
  if (peer.corrupts === 1 || (peer.away ?? []).some((span) => isWithin(span, atMs))) return 0;
  return stepsOf(peer).reduce((speed, step) => (step.atMs <= atMs ? step.bytesPerSecond : speed), 0);
}

/** Its steps in order, those upwards one round trip early. */
function stepsOf({ bytesPerSecond, roundTripMs = 50 }: SwarmPeer) {
  if (typeof bytesPerSecond === "number") return [{ atMs: 0, bytesPerSecond }];
  const steps = bytesPerSecond.toSorted((a, b) => a.atMs - b.atMs);
  return steps.map((step, i) => {
    const isUp = step.bytesPerSecond > (steps[i - 1]?.bytesPerSecond ?? Infinity);
    return isUp ? { ...step, atMs: step.atMs - roundTripMs } : step;
  });
}

function changesOf(peer: SwarmPeer): readonly number[] {
  const spans = (peer.away ?? []).flatMap(({ fromMs = 0, untilMs }) => [
    fromMs,
    ...(untilMs === undefined ? [] : [untilMs]),
  ]);
  return [...stepsOf(peer).map(({ atMs }) => atMs), ...spans];
}
