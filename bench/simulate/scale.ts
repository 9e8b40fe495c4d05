/** `npm run bench:scale`: what a chunk costs when there are many of them, or many peers. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { benchCommand, wholeFrom } from "../benchCommand.js";

interface Cost {
  readonly isRight: boolean;
  readonly makespanMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
}

const { chunks: manyChunks } = benchCommand(
  "bench:scale",
  "what a chunk costs when there are many of them, or many peers",
)
  .option("--chunks <n>", "how many are many", wholeFrom(1), 1_000_000)
  .parse()
  .opts<{ readonly chunks: number }>();
const child = fileURLToPath(new URL("./scale.child.ts", import.meta.url));

/** A proof that no more is in use: beyond this the process dies. Left alone, V8 collects only once four times of that is full. */
const heapMegabytes = 300;

/** Each in a process of its own, so that its memory is its own. Answers the CPU time of a chunk, us. */
function measure(chunks: number, peers: number): number {
  const args = [`--max-old-space-size=${heapMegabytes}`, "--import", "tsx", child, String(chunks), String(peers)];
  const cost = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Cost;
  const { isRight, makespanMs, wallMs, cpuMs, rssBytes } = cost;
  const perChunk = (ms: number): string => `${((1000 * ms) / chunks).toFixed(0)} us`.padStart(8);
  const columns = [
    `${chunks} chunks, ${peers} peers`.padEnd(30),
    `${perChunk(wallMs)} wall ${perChunk(cpuMs)} CPU a chunk`,
    `${(wallMs / 1000).toFixed(0)} s for ${(makespanMs / 60_000).toFixed(1)} virtual min`,
    `peak RSS ${(rssBytes / 1e6).toFixed(0)} MB${isRight ? "" : ", NOT COMPLETE"}`,
  ];
  console.log(columns.join("  "));
  return (1000 * cpuMs) / chunks;
}

console.log(`each with a heap of at most ${heapMegabytes} MB\n`);
const few = measure(10_000, 100);
const many = measure(manyChunks, 100);
console.log(`${(many / few).toFixed(2)} x the CPU time a chunk   goal <= 1.5, RSS < 500 MB\n`);
const [hundred = NaN, , tenThousand = NaN] = [100, 1000, 10_000].map((peers) => measure(50_000, peers));
console.log(`${(tenThousand / hundred).toFixed(2)} x the CPU time a chunk   goal <= 1.5, RSS < 500 MB\n`);
measure(manyChunks, 10_000);
