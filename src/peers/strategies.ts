import { expectedCompletionMs, successRate } from "./expectedCompletion.js";
import type { PeerRecord } from "./PeerRecord.js";

/** One peer that can be asked now, as a strategy may look at it. */
export interface Contender {
  readonly record: PeerRecord;
  /** Legs of the peer under way. */
  readonly inFlight: number;
  /** Bytes that it brought in this run. */
  readonly bytes: number;
  /** Bytes of a usual request. */
  readonly chunkBytes: number;
  /** Chance, from 0 to 1. A strategy that draws from it is asked again now and then, also for peers that nothing happens to. */
  readonly random: () => number;
}

/**
 * Scores a peer: the one with the least score is asked first, equals in the order in which they were met. A score stands until
 * something happens to its own peer, so it may not look at the time or at other peers. An error thrown ends the download, as NaN does.
 */
export type RankingStrategy = (contender: Contender) => number;

/** The one that is expected to be done first; unknown idle peers before all. */
export const balanced: RankingStrategy = ({ record, inFlight, chunkBytes }) =>
  expectedCompletionMs(record, inFlight, chunkBytes);

/**
 * The highest rate, then the shortest round trip, however much is under way there. Rates count as equal when a usual request takes
 * the same number of microseconds. An idle peer of unknown rate comes first, so that its rate gets known; a busy one comes last.
 */
const fastest: RankingStrategy = ({ record, inFlight, chunkBytes }) => {
  const { failed, bytesPerSecond, roundTripMs = 0 } = record;
  if (bytesPerSecond === undefined) return inFlight === 0 ? 1000 * failed : Number.MAX_VALUE;
  return withTieBreak(Math.round((chunkBytes * 1e6) / bytesPerSecond), roundTripMs, 1000);
};

/**
 * The highest success rate, in whole per cent, then the faster; one of unknown rate after those that are known. The success rate of
 * a peer that was never asked is two thirds: behind those that deliver, before those that often fail.
 */
const mostReliable: RankingStrategy = ({ record, chunkBytes }) => {
  const { ok, failed, bytesPerSecond = 0 } = record;
  const percent = Math.round(100 * successRate(ok, failed));
  return withTieBreak(100 - percent, (chunkBytes * 1000) / bytesPerSecond, 1000);
};

/** The fewest legs under way, then the fewest bytes brought in this run, whatever is known of speed and success. */
const loadBalanced: RankingStrategy = ({ inFlight, bytes }) => withTieBreak(inFlight, bytes, 2 ** 40);

/** How far a rate known from one leg may be off, as a factor's logarithm. */
const spreadOfOneLeg = 0.5;
/** More legs than these make a rate no surer: peers change. */
const mostLegs = 20;
/** The speed of a peer of which nothing is known: 1 MB/s, give or take a factor of seven. */
const unknown = { logRate: Math.log(1_000_000), spread: 2 };

/**
 * Thompson sampling: draws a rate that the peer may have, the wider the less is known of it, and ranks by the completion to expect
 * with that. So the peers that seem best are mostly asked, and the others just often enough to find out whether they are better.
 *
 * After W. R. Thompson, "On the likelihood that one unknown probability exceeds another" (1933); rates are log-normal here.
 */
const thompson: RankingStrategy = ({ record, inFlight, chunkBytes, random }) => {
  const { ok, bytesPerSecond } = record;
  const [logRate, spread] =
    bytesPerSecond === undefined
      ? [unknown.logRate, unknown.spread]
      : [Math.log(bytesPerSecond), spreadOfOneLeg / Math.sqrt(Math.min(Math.max(ok, 1), mostLegs))];
  const drawn = { ...record, bytesPerSecond: Math.exp(logRate + spread * normal(random)) };
  return expectedCompletionMs(drawn, inFlight, chunkBytes);
};

/** A built-in strategy, by its name. */
export type StrategyName = "balanced" | "fastest" | "most-reliable" | "load-balanced" | "thompson";

const strategies: Readonly<Record<StrategyName, RankingStrategy>> = {
  balanced,
  fastest,
  "most-reliable": mostReliable,
  "load-balanced": loadBalanced,
  thompson,
};

export const strategyNames = Object.keys(strategies) as readonly StrategyName[];

/**
 * The strategy of that name, or the function itself.
 *
 * @throws TypeError that names the value and what would be right.
 */
export function strategyOf(given: StrategyName | RankingStrategy): RankingStrategy {
  if (typeof given === "function") return given;
  if (typeof given === "string" && Object.hasOwn(strategies, given)) return strategies[given];
  const names = strategyNames.map((name) => `"${name}"`).join(", ");
  throw new TypeError(`strategy is ${JSON.stringify(given)}; it must be ${names} or a function`);
}

/** Ranks by a whole number, and among equals by a second one from 0 up, of which `usual` is about in the middle: both in one. */
export function withTieBreak(whole: number, second: number, usual: number): number {
  // Half of it at most, so that no second number, however large, counts like one more of the first.
  return whole + (second === Infinity ? 1 : second / (second + usual)) / 2;
}

/** Draws from the standard normal distribution, after Box and Muller (1958). */
export function normal(random: () => number): number {
  // 1 - u, because the logarithm of 0 is none; what is injected may also be exactly 1.
  const radius = Math.sqrt(-2 * Math.log(Math.max(1 - random(), Number.EPSILON)));
  return radius * Math.cos(2 * Math.PI * random());
}
