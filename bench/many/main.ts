/** `npm run bench:many`: many small files from one nginx, from a Metalink and from a list, beside aria2. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { syntheticContent } from "../../test/e2e/lab/content.js";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import type { CommandLine } from "../rivals/contestants.js";
import { type Cost, measure } from "../rivals/measure.js";
import { hasNginx, startNginx } from "../rivals/startNginx.js";
import { type Batch, batches } from "./batches.js";
import { farOrigin } from "./farOrigin.js";

const tributary = fileURLToPath(new URL("../../dist/tributary.js", import.meta.url));
const most = 1.5;

const command = benchCommand("bench:many", "many small files from a Metalink and from a list, beside aria2").option(
  "--rounds <n>",
  "runs of each, of which the median counts (5)",
  wholeFrom(1),
  5,
);
const { rounds } = command.parse().opts<{ rounds: number }>();
if (!hasNginx()) throw new Error("nginx is not on the PATH; on Debian: apt-get install nginx-light");

const folder = await mkdtemp(join(tmpdir(), "tributary-many-"));
try {
  const files = join(folder, "files");
  await mkdir(files);
  const nginx = await startNginx(files, folder, ["127.0.0.2"]);
  try {
    for (const batch of batches) {
      const [origin = ""] = nginx.origins;
      const far = await farOrigin(origin, batch.delayMs ?? 0);
      await runBatch(batch, files, batch.delayMs === undefined ? origin : far.origin);
      far.stop();
    }
  } finally {
    await nginx.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`Medians of ${rounds} runs, on ${tmpdir()}; load at the end ${loadavg()[0]?.toFixed(1) ?? "unknown"}`);

async function runBatch(batch: Batch, files: string, origin: string): Promise<void> {
  const contents = Array.from({ length: batch.count }, (_, n) => ({
    name: `${batch.bytes}-${n + 1}.bin`,
    content: syntheticContent(batch.bytes, n + 1),
  }));
  for (const { name, content } of contents) await writeFile(join(files, name), content.read(0, content.size));
  const input = join(folder, batch.input);
  await writeFile(input, batch.text(contents, origin));
  const taken = { tributary: [] as Cost[], aria2: [] as Cost[] };
  for (let round = 0; round < rounds; round += 1) {
    taken.aria2.push(await run(["aria2c", "--no-conf", "-q", "--file-allocation=none", ...batch.aria2, input]));
    taken.tributary.push(
      await run([process.execPath, tributary, "get", "-q", "--no-catalogue", ...batch.tributary, input]),
    );
  }
  const [ours, theirs] = [median(taken.tributary), median(taken.aria2)];
  const ratio = ours.seconds / theirs.seconds;
  console.log(
    `${batch.name}: tributary ${told(ours)}, aria2 ${told(theirs)}; ${ratio.toFixed(2)} x, at most ${most} x wanted`,
  );

  async function run(words: CommandLine): Promise<Cost> {
    const own = await mkdtemp(join(folder, "run-"));
    const cost = await measure(words, own);
    if (cost.code !== 0)
      throw new Error(`${words.join(" ")} ended with exit ${cost.code ?? "unknown"}: ${cost.stderr}`);
    const left = await readdir(own);
    if (left.length !== contents.length)
      throw new Error(`${words.join(" ")} left ${left.length} files, expected ${contents.length}`);
    for (const { name, content } of contents) {
      const bytes = await readFile(join(own, name));
      if (!bytes.equals(content.read(0, content.size))) throw new Error(`${words.join(" ")}: wrong bytes in ${name}`);
    }
    await rm(own, { recursive: true });
    return cost;
  }
}

function median(costs: readonly Cost[]): Cost {
  const [middle] = costs.toSorted((a, b) => a.seconds - b.seconds).slice(Math.floor(costs.length / 2));
  if (middle === undefined) throw new RangeError("there are no runs to take a median of");
  return middle;
}

function told({ seconds, userSeconds, systemSeconds }: Cost): string {
  return `${seconds.toFixed(2)} s (CPU ${(userSeconds + systemSeconds).toFixed(2)} s)`;
}
