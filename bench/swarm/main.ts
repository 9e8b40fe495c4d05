/*
 * What a crowd of downloaders that seed costs its origin, in virtual time: `npm run bench:swarm`. Every machine runs the real `download`; lines are simulated,
 * and scaled with the chunks, so that a chunk takes as long as 1 MiB at 10 MB/s does.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { from, lastValueFrom, mergeMap, tap } from "rxjs";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import type { Crowd, CrowdResult } from "./simulateCrowd.js";

const { chunks, downloaders, only, seed } = benchCommand(
  "bench:swarm",
  "a crowd that downloads from one origin and seeds",
)
  .option("--chunks <n>", "chunks of the file, each as long on its way as 1 MiB at 10 MB/s", wholeFrom(1), 1024)
  .option("--downloaders <n>", "the largest crowd", wholeFrom(1), 100)
  .option("--only <text>", "only the rows whose names have this in them, and the first", "")
  .option("--seed <n>", "seed of all chance", wholeFrom(0), 1)
  .parse()
  .opts<{ chunks: number; downloaders: number; only: string; seed: number }>();

const chunkBytes = 16_384;
const size = chunks * chunkBytes;
const usual: Omit<Crowd, "downloaders"> = { chunks, chunkBytes, seed, neighbours: 20, withinMs: 0, untilMs: 3_600_000 };
const sizes = [1, 10, 100, 1000].filter((count) => count <= downloaders);
const largest = sizes.at(-1) ?? 1;

const allRows: readonly (readonly [name: string, crowd: Crowd])[] = [
  ...sizes.map((count) => [`${count} at once`, { ...usual, downloaders: count }] as const),
  [`${largest}, within 30 s`, { ...usual, downloaders: largest, withinMs: 30_000 }],
  [`${largest}, half leave`, { ...usual, downloaders: largest, leaving: 0.5 }],
  [`${largest}, half serve nobody`, { ...usual, downloaders: largest, freeRiding: 0.5 }],
  [`${largest}, one in ten lies`, { ...usual, downloaders: largest, lying: 0.1 }],
];
const rows = allRows.filter(([name], at) => at === 0 || name.includes(only));

const folder = await mkdtemp(join(tmpdir(), "bench-swarm-"));
const child = join(folder, "crowd.child.mjs");
// As one script, with the modern build of rxjs and without the names that tsx gives all functions: a quarter less CPU time.
await build({
  entryPoints: [fileURLToPath(new URL("./crowd.child.ts", import.meta.url))],
  outfile: child,
  bundle: true,
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["es2015"],
  format: "esm",
  target: "node20",
  external: ["node:*"],
});

/** Each crowd in a process of its own: there is more than one core, and a large one leaves much behind. */
async function simulated(crowd: Crowd): Promise<CrowdResult> {
  const words = ["--max-semi-space-size=64", "--max-old-space-size=6144", child];
  const { stdout } = await promisify(execFile)(process.execPath, [...words, JSON.stringify(crowd)]);
  return JSON.parse(stdout) as CrowdResult;
}

const headings = [
  "crowd",
  "last s",
  "last / alone",
  "least possible",
  "last / first",
  "origin / size",
  "all from the origin, last / alone",
  "came / needed",
  "right",
  "wrong passed on",
];
console.log(headings.join(" | "));

/**
 * The least time that the last one could take, as a multiple of the time of one alone: no line brings a file sooner, and the lines of those who serve it, the
 * origin's too, bring no more than one copy each in that time. Those who leave are taken to serve all the time.
 */
function leastOf({ downloaders, freeRiding = 0, lying = 0 }: Crowd, { stayed }: CrowdResult): number {
  const serving = downloaders - Math.ceil(freeRiding * downloaders) - Math.floor(lying * downloaders);
  return Math.max(1, stayed / (1 + serving));
}

let aloneMs: number | undefined;
function print(name: string, crowd: Crowd, result: CrowdResult): void {
  const { firstMs, lastMs, originBytes, cameBytes, right, stayed, wrongPassedOn } = result;
  aloneMs ??= lastMs;
  const shown = [
    name,
    (lastMs / 1000).toFixed(1),
    (lastMs / aloneMs).toFixed(2),
    leastOf(crowd, result).toFixed(2),
    (lastMs / firstMs).toFixed(2),
    (originBytes / size).toFixed(2),
    crowd.downloaders,
    (cameBytes / (stayed * size)).toFixed(2),
    `${right} of ${stayed}`,
    wrongPassedOn,
  ];
  console.log(shown.join(" | "));
  if (right < stayed || wrongPassedOn > 0) process.exitCode = 1;
}

const results: (CrowdResult | undefined)[] = [];
let printed = 0;
const crowds = from(rows).pipe(
  mergeMap(async ([, crowd], at) => (results[at] = await simulated(crowd)), availableParallelism()),
  // In the order of the rows, as soon as those above are there.
  tap(() => {
    for (let result = results[printed]; result !== undefined; result = results[++printed]) {
      const [name, crowd] = rows[printed] ?? ["", usual as Crowd];
      print(name, crowd, result);
    }
  }),
);
try {
  await lastValueFrom(crowds);
} finally {
  await rm(folder, { recursive: true });
}
