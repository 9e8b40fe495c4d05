/** `npm run bench`: what Tributary costs, as ratios of things measured in this very run. */
import { cpus } from "node:os";
import { benchCommand } from "./benchCommand.js";
import type { Run } from "./goodput.js";
import { benchGoodput } from "./goodput.js";
import { benchOperator } from "./operator.js";

benchCommand("bench", "what Tributary costs, as ratios of things measured in this very run").parse();

const GiB = 1024 ** 3;
const rounds = 3;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const row = (name: string, value: string, goal = ""): void =>
  console.log(`${name.padEnd(58)}${value.padStart(12)}  ${goal}`);

console.log(`Node ${process.version}, ${cpus().length} cores; medians of ${rounds} runs, each beside its rival\n`);

const { bare, ours } = await benchGoodput(GiB, rounds);
const speed = (runs: typeof ours, of: (run: Run) => number): number => median(runs.map((run) => GiB / of(run)));
for (const [when, of, goal] of [
  ["warm", (run: Run) => run.warmSeconds, "goal >= 0.95"],
  ["in a new process", (run: Run) => run.coldSeconds, ""],
] as const) {
  const ratio = (speed(ours, of) / speed(bare, of)).toFixed(2);
  row(`1 GiB over WebSocket, ${when}: verified goodput, ours / bare`, ratio, goal);
  row("  bare loop (receive, SHA-256, write)", `${(speed(bare, of) / 1e6).toFixed(0)} MB/s`);
  row("  ours", `${(speed(ours, of) / 1e6).toFixed(0)} MB/s`);
}
const cpu = (runs: typeof ours): number => median(runs.map(({ cpuSeconds }) => cpuSeconds));
row("  CPU seconds, warm, ours / bare loop", (cpu(ours) / cpu(bare)).toFixed(2));
row("  peak RSS, ours", `${(Math.max(...ours.map(({ rssBytes }) => rssBytes)) / 1e6).toFixed(0)} MB`, "goal < 200 MB");
row("  peak RSS, bare loop", `${(Math.max(...bare.map(({ rssBytes }) => rssBytes)) / 1e6).toFixed(0)} MB`);

const ns = await benchOperator();
for (const kind of ["success", "failure"]) {
  const [mine = NaN, theirs = NaN] = [ns[`ours, ${kind}`], ns[`rxjs, ${kind}`]];
  row(`retryWithPeerSwitch / rxjs retry, ${kind}`, (mine / theirs).toFixed(2));
  row(`  ours, rxjs: ns per attempt`, `${mine.toFixed(0)}, ${theirs.toFixed(0)}`);
}
