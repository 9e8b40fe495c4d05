/** `npm run bench:simulate`: how close to the best possible time a download comes, in virtual time, beside plainer ways. */
import { simulateSwarm } from "../../src/testing/simulateSwarm.js";
import type { SwarmScript } from "../../src/testing/stageSwarm.js";
import { benchCommand, chosenOf, wholeFrom } from "../benchCommand.js";
import { simulateRoundRobin } from "./roundRobin.js";
import { chunkBytes, drawScenario, type Scenario, scenarios } from "./scenarios.js";

interface Flags {
  readonly seeds: number;
  readonly only?: readonly Scenario[];
}

const flags = benchCommand("bench:simulate", "makespans in virtual time over the least possible, beside plainer ways")
  .option("--seeds <n>", "swarms of each scenario", wholeFrom(1), 20)
  .option("--only <words>", "scenarios with these words in their name", (words) =>
    chosenOf(scenarios, (name) => name.includes(words)),
  )
  .parse()
  .opts<Flags>();
const seeds = Array.from({ length: flags.seeds }, (_, i) => i + 1);

interface Measured {
  readonly makespanMs: number;
  readonly servedBytes: number;
}

const ours =
  (parallelRetries: boolean) =>
  (script: SwarmScript, slots: number): Measured => {
    const config = { parallelRetries, retry: { maxConcurrentChunks: slots } };
    const { outcome, bytesRight, makespanMs, served } = simulateSwarm({ ...script, config, keepEvents: false });
    const servedBytes = Object.values(served).reduce((sum, bytes) => sum + bytes, 0);
    return { makespanMs: outcome === "completed" && bytesRight ? makespanMs : Infinity, servedBytes };
  };

const ways = [
  ["Tributary", ours(true)],
  ["parallelRetries: false", ours(false)],
  ["rxjs retry, round robin", simulateRoundRobin],
] as const;

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
const times = (ratio: number): string => (ratio === Infinity ? "fails" : ratio.toFixed(2)).padStart(8);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(9);

console.log(
  `makespan over the least possible, ${seeds.length} seeds; goal: median <= 1.10, worst <= 1.35, in vain <= 2 %\n`,
);
for (const scenario of flags.only ?? scenarios) {
  const swarms = seeds.map((seed) => drawScenario(scenario, seed));
  const boundMs = median(swarms.map((swarm) => swarm.boundMs));
  console.log(`${scenario.name}: ${(boundMs / 1000).toFixed(1)} s at best`);
  console.log(`${"".padEnd(26)}  median   worst  in vain    worst`);
  for (const [name, run] of ways) {
    const runs = swarms.map((swarm) => ({ ...run(swarm, scenario.slots), swarm }));
    const ratios = runs.map(({ makespanMs, swarm }) => makespanMs / swarm.boundMs);
    const vain = runs.map(({ servedBytes, swarm }) => servedBytes / (swarm.chunks * chunkBytes) - 1);
    const columns = [
      times(median(ratios)),
      times(Math.max(...ratios)),
      percent(median(vain)),
      percent(Math.max(...vain)),
    ];
    console.log(`  ${name.padEnd(24)}${columns.join("")}`);
  }
}
