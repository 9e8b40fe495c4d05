/** `npm run bench:import`: how long a program takes to have a door of the package, beside the start of the command. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { benchCommand, wholeFrom } from "../benchCommand.js";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const command = benchCommand(
  "bench:import",
  "the start of a program that imports a door, over the start of the command",
)
  .option("--runs <number>", "how often each is started", wholeFrom(1), 11)
  .parse();
const { runs } = command.opts<{ readonly runs: number }>();

const importing = (name: string): readonly string[] => ["--input-type=module", "--eval", `import "${name}"`];
const programs: Readonly<Record<string, readonly string[]>> = {
  "tributary --version": ["dist/tributary.js", "--version"],
  nothing: ["--eval", "0"],
  rxjs: importing("rxjs"),
  ...Object.fromEntries(
    ["", "/operators", "/browser", "/testing", "/node"].map((door) => [
      `rx-tributary${door}`,
      importing(`rx-tributary${door}`),
    ]),
  ),
};

function startMs(words: readonly string[]): number {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: checkout, encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${words.join(" ")} failed:\n${stderr}`);
  return performance.now() - begin;
}

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

// One after the other in turns, so that what else the machine does falls on all alike.
const rounds = Array.from({ length: runs }, () => Object.values(programs).map(startMs));
const medians = Object.keys(programs).map((_, at) => medianOf(rounds.map((round) => round[at] ?? Number.NaN)));
const [startOfCommand = Number.NaN] = medians;
console.log(`Medians of ${runs} runs, over the start of the command:\n`);
Object.keys(programs).forEach((name, at) => {
  const ms = medians[at] ?? Number.NaN;
  console.log(`${name.padEnd(24)}${ms.toFixed(0).padStart(5)} ms${(ms / startOfCommand).toFixed(2).padStart(8)}`);
});
