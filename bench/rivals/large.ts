/** `npm run bench:rivals -- --large`: a gibibyte from four nginx mirrors, checked and unchecked. */
import { mkdir, mkdtemp, open, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { syntheticContent } from "../../test/lab/content.js";
import { commandLine, contestants, isHere } from "./contestants.js";
import type { Cost } from "./measure.js";
import { measure } from "./measure.js";
import { metalinkOf } from "../../test/lab/metalinkOf.js";
import { hasNginx, startNginx } from "./startNginx.js";

const MiB = 1024 * 1024;
const content = syntheticContent(1024 * MiB);
const hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
const rounds = 3;
const name = "file.bin";
const memory = "/dev/shm";

/** Who runs, with or without digests. */
const entries = [
  { tool: "tributary", checked: true },
  { tool: "aria2", checked: true },
  { tool: "tributary", checked: false },
  { tool: "aria2", checked: false },
  { tool: "axel", checked: false },
] as const;
type Entry = (typeof entries)[number];

/** Ours, theirs, and the most that the first may be of the second's seconds. */
const goals: readonly (readonly [Entry, Entry, number])[] = [
  [entries[0], entries[1], 0.9],
  [entries[0], entries[3], 1.3],
];

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
const label = ({ tool, checked }: Entry): string => `${tool}${checked ? ", checked" : ""}`;

/** Runs and prints it. */
export async function runLarge(): Promise<void> {
  if (!hasNginx()) throw new Error("nginx is not on the PATH; on Debian: apt-get install nginx-light");
  const parent = await roomyFolder();
  const folder = await mkdtemp(join(parent, "tributary-rivals-"));
  console.log(
    `1 GiB, four nginx mirrors, ${parent === memory ? "in memory (tmpfs)" : "on disk"}; medians of ${rounds} runs`,
  );
  await writeContent(join(folder, name));
  const nginx = await startNginx(folder, folder, hosts);
  const target = join(folder, "copies");
  await mkdir(target);
  try {
    const urls = nginx.origins.map((origin) => `${origin}/${name}`);
    const metalink = join(folder, `${name}.meta4`);
    await writeFile(metalink, metalinkOf(content, name, urls));
    const costs = new Map<Entry, Cost[]>();
    for (let round = 0; round < rounds; round += 1) {
      for (const entry of entries) {
        const cost = await runEntry(entry, target, urls, metalink);
        if (cost !== undefined) costs.set(entry, [...(costs.get(entry) ?? []), cost]);
      }
    }
    print(costs);
  } finally {
    await nginx.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runEntry(
  entry: Entry,
  folder: string,
  urls: readonly string[],
  metalink: string,
): Promise<Cost | undefined> {
  const tool = contestants.find((contestant) => contestant.name === entry.tool);
  const [first = "", ...more] = urls;
  const job = { urls: [first, ...more], metalink: entry.checked ? metalink : undefined, folder, name } as const;
  const command = tool === undefined || !isHere(tool) ? undefined : commandLine(tool, job);
  if (command === undefined) return undefined;
  const cost = await measure(command, folder);
  if (cost.code !== 0) throw new Error(`${label(entry)} ended with exit ${cost.code ?? "unknown"}`);
  await check(join(folder, name), label(entry));
  await Promise.all((await readdir(folder)).map((file) => rm(join(folder, file))));
  return cost;
}

function print(costs: ReadonlyMap<Entry, readonly Cost[]>): void {
  const numbers = (entry: Entry, of: (cost: Cost) => number): number => median((costs.get(entry) ?? []).map(of));
  console.log(
    `\n${"".padEnd(24)}${["seconds", "user", "system", "peak MB"].map((word) => word.padStart(10)).join("")}`,
  );
  for (const entry of costs.keys()) {
    const seconds = [numbers(entry, (c) => c.seconds), numbers(entry, (c) => c.userSeconds)];
    const shown = [...seconds, numbers(entry, (c) => c.systemSeconds)].map((value) => value.toFixed(2).padStart(10));
    const peak = (numbers(entry, (c) => c.peakBytes) / 1e6).toFixed(0).padStart(10);
    console.log(`${label(entry).padEnd(24)}${shown.join("")}${peak}`);
  }
  console.log("\nUser and system are CPU seconds; they and the peak come from /proc, at most 10 ms before the end.");
  for (const [ours, theirs, goal] of goals) {
    const ratio = numbers(ours, (c) => c.seconds) / numbers(theirs, (c) => c.seconds);
    if (!Number.isNaN(ratio)) console.log(`${label(ours)} / ${label(theirs)}: ${ratio.toFixed(2)}, goal <= ${goal}`);
  }
}

/** A folder in memory, if there is room for the file, a copy and more. */
async function roomyFolder(): Promise<string> {
  const free = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return free >= 3 * content.size ? memory : tmpdir();
}

async function writeContent(path: string): Promise<void> {
  const file = await open(path, "w");
  for (let at = 0; at < content.size; at += MiB) await file.write(content.read(at, MiB));
  await file.close();
}

/** A speed is worth nothing if the bytes are wrong. */
async function check(path: string, who: string): Promise<void> {
  const file = await open(path);
  const piece = Buffer.alloc(MiB);
  const { size } = await file.stat();
  if (size !== content.size) throw new Error(`${who}: the file has ${size} bytes, expected ${content.size}`);
  for (let at = 0; at < size; at += MiB) {
    await file.read(piece, 0, MiB, at);
    if (!piece.equals(content.read(at, MiB))) throw new Error(`${who}: wrong bytes at ${at}`);
  }
  await file.close();
}
