import { isDeepStrictEqual } from "node:util";
import { seededRandom } from "../../src/testing/seededRandom.js";
import type { SwarmRun } from "../../src/testing/simulateSwarm.js";
import { simulateSwarm } from "../../src/testing/simulateSwarm.js";
import { drawSwarm } from "./drawSwarm.js";
import { laws } from "./laws/laws.js";

/** A law that did not hold. */
export interface Breach {
  readonly law: string;
  readonly how: string;
}

const leaveStream = 1_000_002;

/**
 * Runs the swarm of a seed, and once more, to be left in the middle of an event that the seed chooses. Answers how it went, and
 * which laws did not hold.
 */
export function trySeed(seed: number): { readonly runs: readonly SwarmRun[]; readonly breaches: readonly Breach[] } {
  const config = drawSwarm(seed);
  const whole = simulateSwarm(config);
  const unsubscribeAt = 1 + Math.floor(seededRandom(seed, leaveStream)() * whole.told);
  const leaving = { ...config, unsubscribeAt };
  const left = simulateSwarm(leaving);
  const breaches = laws.flatMap(({ name, broken }) => {
    const inWhole = broken(whole, config);
    if (inWhole !== undefined) return [{ law: name, how: inWhole }];
    const inLeft = broken(left, leaving);
    return inLeft === undefined ? [] : [{ law: name, how: `left in event ${unsubscribeAt}: ${inLeft}` }];
  });
  const same = isDeepStrictEqual(left.events, whole.events.slice(0, unsubscribeAt));
  const changed = { law: "the same seed gives the same events", how: `the first ${unsubscribeAt} differ` };
  return { runs: [whole, left], breaches: same ? breaches : [...breaches, changed] };
}
