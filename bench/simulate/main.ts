/** `npm run simulate -- --seeds N`: random swarms and discoveries with random faults, in virtual time, and the laws that hold for all of them. */
import { isDeepStrictEqual } from "node:util";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import type { DiscoveryRun } from "../../src/testing/simulateDiscovery.js";
import type { SwarmRun } from "../../src/testing/simulateSwarm.js";
import { trySeed } from "./trySeed.js";

interface Flags {
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
}

const flags = benchCommand(
  "simulate",
  "random swarms and discoveries with random faults, held to the laws of a download",
)
  .option("--seeds <n>", "how many", wholeFrom(1), 1000)
  .option("--from <n>", "the first one", wholeFrom(0), 1)
  .option("--seed <n>", "this one alone", wholeFrom(0))
  .parse()
  .opts<Flags>();
const first = flags.seed ?? flags.from;
const seeds = flags.seed === undefined ? flags.seeds : 1;

const endings = new Map<string, number>();
let broken = 0;
let told = 0;
let virtualMs = 0;
function count(
  outcome: string,
  { error, events, makespanMs }: Pick<SwarmRun | DiscoveryRun, "error" | "events" | "makespanMs">,
): void {
  const ending = error === undefined ? outcome : `${outcome}: ${error.code}`;
  endings.set(ending, (endings.get(ending) ?? 0) + 1);
  told += events.length;
  virtualMs += makespanMs;
}

const startedAt = performance.now();
let toldAt = startedAt;

for (let seed = first; seed < first + seeds; seed++) {
  const { runs, discoveries, breaches } = await trySeed(seed);
  for (const run of runs) count(run.outcome, run);
  for (const run of discoveries) count(`discovery ${run.outcome}`, run);
  if (breaches.length > 0) {
    broken++;
    for (const { law, how } of breaches) console.log(`seed ${seed} breaks "${law}": ${how}`);
    const again = await trySeed(seed);
    const same = isDeepStrictEqual(again, { runs, discoveries, breaches });
    console.log(
      `  again: npm run simulate -- --seed ${seed}   (${same ? "gives the same events" : "gives OTHER events"})`,
    );
  }
  if (performance.now() - toldAt < 2000) continue;
  toldAt = performance.now();
  console.error(`${seed - first + 1} of ${seeds} seeds, ${broken} broken`);
}

const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${seeds} seeds, ${6 * seeds} runs, ${told} events, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours in ${seconds.toFixed(1)} s`,
);
for (const [ending, runs] of [...endings].sort(([, a], [, b]) => b - a))
  console.log(`${String(runs).padStart(8)}  ${ending}`);
console.log(broken === 0 ? "all laws hold" : `${broken} seeds break a law`);
process.exitCode = broken === 0 ? 0 : 1;
