/**
 * `npm run test:crash`: the built command is killed (SIGKILL) at random times, at its events and at its calls that change the disk, in
 * each way to get a file, and run again to its end. Exit code 1 when one file is wrong, one run fails or one thing is left over.
 */
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { wordsOf } from "./Kill.js";
import { runMatrix } from "./runMatrix.js";
import { complaintOf, dearest, meanWanted, summaryOf, worstAllowed } from "./summary.js";
import { ways } from "./ways.js";

interface Flags {
  readonly kills: number;
  readonly seed: number;
  readonly jobs: number;
  readonly mib: number;
  readonly speed: number;
}

const { kills, seed, jobs, mib, speed } = benchCommand(
  "test:crash",
  "kills downloads, and runs them again to their end",
)
  .option("--kills <n>", "kills that meet a running download", wholeFrom(1), 500)
  .option("--seed <n>", "other kills", wholeFrom(0), 1)
  .option("--jobs <n>", "downloads at a time", wholeFrom(1), 8)
  .option("--mib <n>", "the file, MiB", wholeFrom(1), 16)
  .option("--speed <n>", "the line, bytes a second", wholeFrom(1), 2_000_000)
  .parse()
  .opts<Flags>();
const size = mib * 1024 * 1024;

console.log(`${mib} MiB at ${speed / 1e6} MB/s, ${kills} kills, seed ${seed}; without a kill:\n`);
const trials = await runMatrix({ kills, seed, jobs, size, speed, tell: console.log });

console.log(`\n${"way".padEnd(10)}${"kills".padStart(6)}${"mean".padStart(9)}${"worst".padStart(9)}  longest resume`);
for (const way of ways) {
  const own = trials.filter((trial) => trial.way === way);
  const all = summaryOf(own, size);
  const bytes = way.resumes === false ? ["anew".padStart(9), "".padStart(9)] : [ratio(all.mean), ratio(all.worst)];
  const columns = [way.name.padEnd(10), String(all.kills).padStart(6), ...bytes];
  console.log(`${columns.join("")}  ${all.longestResumeSeconds.toFixed(1)} s`);
}

for (const trial of trials) {
  const complaint = complaintOf(trial);
  if (complaint !== undefined) console.log(`\n${complaint}`);
}
const all = summaryOf(trials, size);
const worst = dearest(trials);
if (worst !== undefined) console.log(`\nworst: ${worst.way.name}, killed ${wordsOf(worst.kill)}`);
const allowed = worstAllowed(size, speed);
console.log(
  `${all.runs} runs, ${all.kills} kills: ${all.wrong} wrong files, ${all.failed} failed, ${all.leftOver} left something over;` +
    ` fetched x${all.mean.toFixed(3)} (at most ${meanWanted}), worst x${all.worst.toFixed(3)} (at most ${allowed.toFixed(2)});` +
    ` longest resume ${all.longestResumeSeconds.toFixed(1)} s`,
);
// Where nothing was killed nothing was shown.
const isCheap = all.mean <= meanWanted && all.worst <= allowed;
process.exitCode = all.wrong + all.failed + all.leftOver > 0 || !isCheap ? 1 : 0;

function ratio(value: number): string {
  return (Number.isFinite(value) ? `x${value.toFixed(3)}` : "none").padStart(9);
}
