/** `npm run bench:page`: 256 MiB from one nginx into a page of Chromium, beside a plain reader loop. */
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { launchChromium } from "../../test/chromium.js";
import { syntheticContent } from "../../test/e2e/lab/content.js";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { hasNginx, startNginx } from "../rivals/startNginx.js";
import type { PageRun } from "./contestants.page.js";
import { openPlainTab } from "./plainTab.js";
import { type TreeMemory, treeMemory } from "./treeMemory.js";

const MiB = 1024 * 1024;
const wanted = { time: 1.3, memory: 1.5, long: 0.1 };
const names = ["a reader loop", "a reader loop, kept as a Blob", "downloadToBlob", "downloadToOpfs"];

const { rounds, only, profile } = benchCommand("bench:page", "256 MiB into a page, beside a plain reader loop")
  .option("--rounds <n>", "runs of each, of which the median counts (5)", wholeFrom(1), 5)
  .option("--only <words>", "runs only those that have these words in their names")
  .option("--profile <file>", "writes a CPU profile of the last run, for the developer tools of Chromium")
  .parse()
  .opts<{ rounds: number; only?: string; profile?: string }>();

interface Measured extends PageRun {
  /** Most memory, where it was looked at. */
  readonly memory?: TreeMemory;
}

if (!hasNginx()) throw new Error("nginx is not on the PATH; on Debian: apt-get install nginx-light");
const content = syntheticContent(256 * MiB);
const folder = await mkdtemp(join(tmpdir(), "tributary-page-"));
try {
  const files = join(folder, "files");
  await mkdir(files);
  await writeContent(join(files, "file.bin"));
  await writeFile(join(files, "page.html"), '<!doctype html><script src="page.js"></script>');
  await build({
    entryPoints: [fileURLToPath(new URL("contestants.page.ts", import.meta.url))],
    outfile: join(files, "page.js"),
    bundle: true,
    format: "iife",
    logLevel: "warning",
    ...(profile === undefined && { minify: true }),
  });
  // The page is of another origin than the file.
  const nginx = await startNginx(files, folder, ["127.0.0.2", "127.0.0.3"], {
    headers: { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Content-Range, ETag" },
  });
  try {
    await runAll(nginx.origins);
  } finally {
    await nginx.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(
  `Medians of ${rounds} runs, each in a new browser; load at the end ${loadavg()[0]?.toFixed(1) ?? "unknown"}.`,
);
console.log(
  "Memory: the most of all processes of the browser (PSS, looked at every 50 ms, in runs of their own) over what they had before the run.",
);

/** Memory is looked at in a round of its own, since looking takes time of the processors. */
async function runAll([pages = "", files = ""]: readonly string[]): Promise<void> {
  const runs = new Map<string, Measured[]>();
  for (let round = 0; round < 2 * rounds; round += 1) {
    const looks = round % 2 === 1;
    for (const name of names.filter((each) => each.includes(only ?? ""))) {
      const run = await runOnce(name, { page: `${pages}/page.html`, url: `${files}/file.bin`, looks });
      runs.set(name, [...(runs.get(name) ?? []), run]);
    }
  }
  const plain = medianOf(
    (runs.get("a reader loop") ?? []).filter(({ memory }) => memory === undefined),
    ({ ms }) => ms,
  );
  for (const [name, all] of runs) print(name, all, plain);
}

interface Run {
  readonly page: string;
  readonly url: string;
  readonly looks: boolean;
}

async function runOnce(name: string, { page, url, looks }: Run): Promise<Measured> {
  const browser = await launchChromium();
  try {
    const tab = await openPlainTab(browser, page);
    const before = treeMemory();
    let most: TreeMemory = { all: 0, renderers: 0 };
    const look = (): void => {
      const { all, renderers } = treeMemory();
      const now = { all: all - before.all, renderers: renderers - before.renderers };
      most = { all: Math.max(most.all, now.all), renderers: Math.max(most.renderers, now.renderers) };
    };
    const looking = looks ? setInterval(look, 50) : undefined;
    if (profile !== undefined) {
      await tab.send("Profiler.enable");
      await tab.send("Profiler.start");
    }
    const run = await tab.evaluate<PageRun>(`run(${JSON.stringify(name)}, ${JSON.stringify(url)})`);
    clearInterval(looking);
    if (profile !== undefined) {
      const recorded = await tab.send<{ readonly profile: object }>("Profiler.stop");
      await writeFile(profile, JSON.stringify(recorded.profile));
    }
    if (run.bytes !== content.size) throw new Error(`${name} ended with ${run.bytes} bytes, expected ${content.size}`);
    return looks ? { ...run, memory: most } : run;
  } finally {
    await browser.close();
  }
}

function print(name: string, runs: readonly Measured[], plainMs: number): void {
  const timed = runs.filter(({ memory }) => memory === undefined);
  const looked = runs.flatMap(({ memory }) => memory ?? []);
  const ms = medianOf(timed, (run) => run.ms);
  const shares = {
    all: medianOf(looked, ({ all }) => all / content.size),
    page: medianOf(looked, ({ renderers }) => renderers / content.size),
    long: medianOf(timed, (run) => (100 * run.longMs) / run.ms),
  };
  console.log(
    `${name}: ${(ms / 1000).toFixed(2)} s, ${(ms / plainMs).toFixed(2)} x (at most ${wanted.time} wanted); ` +
      `memory ${shares.all.toFixed(2)} x the file (at most ${wanted.memory}), of which the page ${shares.page.toFixed(2)}; ` +
      `long tasks ${shares.long.toFixed(0)} % of the time (at most ${100 * wanted.long}), the longest ${medianOf(timed, (run) => run.longestMs).toFixed(0)} ms`,
  );
}

function medianOf<T>(all: readonly T[], value: (each: T) => number): number {
  const values = all.map(value).sort((a, b) => a - b);
  return values[values.length >> 1] ?? NaN;
}

async function writeContent(path: string): Promise<void> {
  const file = await open(path, "w");
  for (let at = 0; at < content.size; at += MiB) await file.write(content.read(at, MiB));
  await file.close();
}
