import { isDeepStrictEqual } from "node:util";
import { config as rxjs } from "rxjs";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { seededRandom } from "../../src/testing/seededRandom.js";
import { type DiscoveryRun, simulateDiscovery } from "../../src/testing/simulateDiscovery.js";
import type { SwarmRun } from "../../src/testing/simulateSwarm.js";
import { simulateSwarm } from "../../src/testing/simulateSwarm.js";
import { auditPools } from "./auditPools.js";
import { drawDiscovery } from "./drawDiscovery.js";
import { drawSwarm } from "./drawSwarm.js";
import { discoveryLaws } from "./laws/discovery.js";
import type { Law } from "./laws/Law.js";
import { laws } from "./laws/laws.js";

/** A law that did not hold. */
interface Breach {
  readonly law: string;
  readonly how: string;
}

interface Tried {
  readonly runs: readonly SwarmRun[];
  readonly discoveries: readonly DiscoveryRun[];
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
 * Runs the swarm of a seed and its discoveries, by a manifest and by mirrors; and each once more, to be left in the middle of an event
 * that the seed chooses. Answers how they went, and which laws did not hold.
 */
export async function trySeed(seed: number): Promise<Tried> {
  const { result, errors } = await unheard(() => auditPools(() => runSeed(seed)));
  const { breaches, ...ran } = result.result;
  const unheardErrors = errors.map((error) => ({ law: "no error goes unheard", how: String(error) }));
  const violations = result.violations.slice(0, 1).map((how) => ({ law: "a pool's invariants hold", how }));
  return { ...ran, breaches: [...breaches, ...unheardErrors, ...violations] };
}

function runSeed(seed: number): Tried {
  const swarm = wholeAndLeft(seed, simulateSwarm, drawSwarm(seed), laws);
  const discoveries = (["manifest", "mirror"] as const).map((question) =>
    wholeAndLeft(seed, simulateDiscovery, drawDiscovery(seed, question), discoveryLaws),
  );
  return {
    runs: swarm.runs,
    discoveries: discoveries.flatMap(({ runs }) => runs),
    breaches: [swarm, ...discoveries].flatMap(({ breaches }) => breaches),
  };
}

/** Runs a script to its end, and once more until it is left, and holds both to the laws. */
function wholeAndLeft<Run extends { readonly events: readonly DownloadEvent[] }, Script extends object>(
  seed: number,
  simulate: (script: Script & { readonly unsubscribeAt?: number }) => Run,
  script: Script,
  held: readonly Law<Run, Script>[],
): { readonly runs: readonly Run[]; readonly breaches: readonly Breach[] } {
  const whole = simulate(script);
  const unsubscribeAt = 1 + Math.floor(seededRandom(seed, leaveStream)() * whole.events.length);
  const leaving = { ...script, unsubscribeAt };
  const left = simulate(leaving);
  const breaches = held.flatMap(({ name, broken }) => {
    const inWhole = broken(whole, script);
    if (inWhole !== undefined) return [{ law: name, how: inWhole }];
    const inLeft = broken(left, leaving);
    return inLeft === undefined ? [] : [{ law: name, how: `left in event ${unsubscribeAt}: ${inLeft}` }];
  });
  const same = isDeepStrictEqual(left.events, whole.events.slice(0, unsubscribeAt));
  const changed = { law: "the same seed gives the same events", how: `the first ${unsubscribeAt} differ` };
  return { runs: [whole, left], breaches: same ? breaches : [...breaches, changed] };
}
