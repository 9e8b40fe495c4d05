/** `npm run bench:terminal`: what the view in a terminal costs the command, beside the same download without it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as passed } from "node:timers/promises";
import { SeederProcess } from "../../test/e2e/peers/SeederProcess.js";
import { TerminalProcess } from "../../test/e2e/terminal/TerminalProcess.js";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { cpuSeconds } from "../page-ui/processFigures.js";

const { seconds, runs } = benchCommand("bench:terminal", "what the view in a terminal costs, beside --quiet")
  .option("--seconds <n>", "how long each download is watched (6)", wholeFrom(1), 6)
  .option("--runs <n>", "how often each is run; the medians count (3)", wholeFrom(1), 3)
  .parse()
  .opts<{ seconds: number; runs: number }>();

const MB = 1_000_000;
const size = { columns: 160, rows: 40 };
const chunkSize = 64 * 1024;

interface Watched {
  /** CPU time of the command over wall time. */
  readonly cpu: number;
  /** Bytes that were written to the terminal a second. */
  readonly written: number;
}

const folder = await mkdtemp(join(tmpdir(), "tributary-terminal-"));
const seeders: SeederProcess[] = [];
try {
  const file = join(folder, "original");
  await writeFile(file, Buffer.alloc(20 * MB * (seconds + 4)));
  for (const host of ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"])
    seeders.push(await SeederProcess.start({ file, host, chunkSize, rate: 5 * MB }));
  const links = seeders.map(({ link }) => link);
  await compare("one download of 20 MB/s from 4 peers", links);
  await writeFile(join(folder, "list"), links.map((link, n) => `${link}\n  out=file-${n}\n`).join(""));
  await compare("a list of 4 downloads of 5 MB/s", ["-i", "list"]);
} finally {
  await Promise.all(seeders.map((seeder) => seeder.kill()));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
console.log(`load at the end: ${loadavg()[0]?.toFixed(1) ?? "unknown"}`);

/** With the view and without it by turns, so that both meet the machine as it is. */
async function compare(what: string, sources: readonly string[]): Promise<void> {
  const [shown, quiet]: [Watched[], Watched[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    shown.push(await watch([...sources, "-d", `shown-${run}`]));
    quiet.push(await watch([...sources, "-d", `quiet-${run}`, "--quiet"]));
  }
  const [withView, without] = [median(shown.map(({ cpu }) => cpu)), median(quiet.map(({ cpu }) => cpu))];
  console.log(
    `${what}: ${percent(withView - without)} of a processor for the view (under 5 % wanted); ${percent(withView)} with it, ${percent(without)} with --quiet; ${(median(shown.map(({ written }) => written)) / 1000).toFixed(1)} kB/s to the terminal`,
  );
}

async function watch(args: readonly string[]): Promise<Watched> {
  const get = new TerminalProcess(folder, ["get", ...args, "--no-catalogue"], size);
  try {
    const pid = await get.pid();
    // What every command does at its start is no cost of the view.
    await passed(1500);
    const before = [cpuSeconds(pid), get.written.length, performance.now()] as const;
    await passed(seconds * 1000);
    const long = (performance.now() - before[2]) / 1000;
    return { cpu: (cpuSeconds(pid) - before[0]) / long, written: (get.written.length - before[1]) / long };
  } finally {
    await get.signal("SIGKILL");
    await get.exit;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
