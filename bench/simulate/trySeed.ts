import { isDeepStrictEqual } from "node:util";
import { config as rxjs } from "rxjs";
import { seededRandom } from "../../src/testing/seededRandom.js";
import type { SwarmRun } from "../../src/testing/simulateSwarm.js";
import { simulateSwarm } from "../../src/testing/simulateSwarm.js";
import { auditPools } from "./auditPools.js";
import { drawSwarm } from "./drawSwarm.js";
import { laws } from "./laws/laws.js";

/** A law that did not hold. */
interface Breach {
  readonly law: string;
  readonly how: string;
}

interface Tried {
  readonly runs: readonly SwarmRun[];
  readonly breaches: readonly Breach[];
}

const leaveStream = 1_000_002;

/** rxjs throws what nobody heard in a timer of its own. */
const reported = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** What went unheard while `run` ran. */
async function unheard<T>(run: () => T): Promise<{ readonly result: T; readonly errors: readonly unknown[] }> {
  const errors: unknown[] = [];
  const before = rxjs.onUnhandledError;
  rxjs.onUnhandledError = (error) => errors.push(error);
  try {
    const result = run();
    await reported();
    return { result, errors };
  } finally {
    rxjs.onUnhandledError = before;
  }
}

/**
 * Runs the swarm of a seed, and once more, to be left in the middle of an event that the seed chooses. Answers how it went, and
 * which laws did not hold.
 */
export async function trySeed(seed: number): Promise<Tried> {
  const { result, errors } = await unheard(() => auditPools(() => runSeed(seed)));
  const { runs, breaches } = result.result;
  const unheardErrors = errors.map((error) => ({ law: "no error goes unheard", how: String(error) }));
  const violations = result.violations.slice(0, 1).map((how) => ({ law: "a pool's invariants hold", how }));
  return { runs, breaches: [...breaches, ...unheardErrors, ...violations] };
}

function runSeed(seed: number): Tried {
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
