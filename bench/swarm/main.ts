/*
 * What a crowd of downloaders that seed costs its origin, in virtual time: `npm run bench:swarm`. Every machine runs the real `download`; lines are simulated, and
 * scaled with the chunks, so that a chunk takes as long as 1 MiB at 10 MB/s does.
 */
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { type Crowd, simulateCrowd } from "./simulateCrowd.js";

const { chunks, downloaders, seed } = benchCommand("bench:swarm", "a crowd that downloads from one origin and seeds")
  .option("--chunks <n>", "chunks of the file, each as long on its way as 1 MiB at 10 MB/s", wholeFrom(1), 1024)
  .option("--downloaders <n>", "the largest crowd", wholeFrom(1), 10)
  .option("--seed <n>", "seed of all chance", wholeFrom(0), 1)
  .parse()
  .opts<{ chunks: number; downloaders: number; seed: number }>();

const chunkBytes = 65_536;
const size = chunks * chunkBytes;
const usual: Omit<Crowd, "downloaders"> = { chunks, chunkBytes, seed, neighbours: 20, withinMs: 0, untilMs: 3_600_000 };
const sizes = [1, 10, 100, 1000].filter((count) => count <= downloaders);
const largest = sizes.at(-1) ?? 1;

const rows: readonly (readonly [string, Crowd])[] = [
  ...sizes.map((count) => [`${count} at once`, { ...usual, downloaders: count }] as const),
  [`${largest}, within 30 s`, { ...usual, downloaders: largest, withinMs: 30_000 }],
  [`${largest}, half leave`, { ...usual, downloaders: largest, leaving: 0.5 }],
  [`${largest}, half serve nobody`, { ...usual, downloaders: largest, freeRiding: 0.5 }],
  [`${largest}, one in ten lies`, { ...usual, downloaders: largest, lying: 0.1 }],
];

let aloneMs: number | undefined;
console.log(
  "crowd | last s | last / first | last / alone | from the origin / size | all from the origin, s | right | wrong passed on",
);
for (const [name, crowd] of rows) {
  const { firstMs, lastMs, originBytes, right, stayed, wrongPassedOn } = simulateCrowd(crowd);
  aloneMs ??= lastMs;
  const shown = [
    name,
    (lastMs / 1000).toFixed(1),
    (lastMs / firstMs).toFixed(2),
    (lastMs / aloneMs).toFixed(2),
    (originBytes / size).toFixed(2),
    ((aloneMs * crowd.downloaders) / 1000).toFixed(0),
    `${right} of ${stayed}`,
    wrongPassedOn,
  ];
  console.log(shown.join(" | "));
  if (right < stayed || wrongPassedOn > 0) process.exitCode = 1;
}
