/** `npm run bench:rivals -- --large`: a gibibyte from nginx mirrors, over HTTP and HTTPS, checked and unchecked. */
import { mkdir, mkdtemp, open, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { syntheticContent } from "../../test/e2e/lab/content.js";
import { metalinkOf } from "../../test/e2e/lab/metalinkOf.js";
import { type CommandLine, commandLine, contestants, isHere, type Job } from "./contestants.js";
import { bare, type Entry, type Setting, work } from "./largeWork.js";
import { makeAuthority } from "./makeAuthority.js";
import { type Cost, measure } from "./measure.js";
import { label, printLarge } from "./printLarge.js";
import { hasNginx, startNginx } from "./startNginx.js";

const MiB = 1024 * 1024;
const content = syntheticContent(1024 * MiB);
const hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
const name = "file.bin";
const memory = "/dev/shm";
const reader = fileURLToPath(new URL("../bare/reader.js", import.meta.url));

/** Runs and prints it. */
export async function runLarge(rounds = 3): Promise<void> {
  if (!hasNginx()) throw new Error("nginx is not on the PATH; on Debian: apt-get install nginx-light");
  const parent = await roomyFolder();
  const folder = await mkdtemp(join(parent, "tributary-rivals-"));
  const place = parent === memory ? "in memory (tmpfs)" : "on disk";
  console.log(`1 GiB from nginx, ${place}; medians of ${rounds} runs; load ${loadavg().map(rounded).join(" ")}`);
  try {
    await writeContent(join(folder, name));
    const authority = await makeAuthority(folder, hosts);
    const nginx = await startNginx(folder, folder, hosts, { tls: authority });
    try {
      const [first = ""] = nginx.origins;
      await runSetting("four mirrors", rounds, await offer(folder, "four", nginx.origins));
      const secure = await offer(folder, "secure", nginx.secureOrigins);
      await runSetting("four mirrors, HTTPS", rounds, { ...secure, ca: authority.ca });
      await runSetting("one mirror", rounds, await offer(folder, "one", [first]));
    } finally {
      await nginx.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(
    `\nLoad at the end ${loadavg().map(rounded).join(" ")}. CPU and the peak come from /proc, at most 10 ms before`,
  );
  console.log("the end of a run. A busy machine changes walls more than it does ratios of CPU seconds.");
}

const rounded = (load: number): string => load.toFixed(1);

/** What a setting offers to all that run in it; the metalink is for those that check. */
type Offer = Pick<Job, "urls" | "folder"> & { readonly metalink: string; readonly ca?: string };

async function offer(folder: string, kind: string, origins: readonly string[]): Promise<Offer> {
  const [first = "", ...more] = origins.map((origin) => `${origin}/${name}`);
  const metalink = join(folder, `${kind}.meta4`);
  await writeFile(metalink, metalinkOf(content, name, [first, ...more]));
  const copies = join(folder, kind);
  await mkdir(copies);
  return { urls: [first, ...more], metalink, folder: copies };
}

async function runSetting(setting: Setting, rounds: number, offered: Offer): Promise<void> {
  const costs = new Map<Entry, Cost[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const entry of work[setting]) {
      const cost = await runEntry(entry, offered);
      if (cost !== undefined) costs.set(entry, [...(costs.get(entry) ?? []), cost]);
    }
  }
  printLarge(setting, costs);
}

async function runEntry(entry: Entry, offered: Offer): Promise<Cost | undefined> {
  const command = commandOf(entry, offered);
  if (command === undefined) return undefined;
  const { folder } = offered;
  const cost = await measure(command, folder, { NODE_DEBUG: "tributary" });
  if (cost.code !== 0) throw new Error(`${label(entry)} ended with exit ${cost.code ?? "unknown"}: ${cost.stderr}`);
  await check(join(folder, name), label(entry));
  await Promise.all((await readdir(folder)).map((file) => rm(join(folder, file))));
  return cost;
}

function commandOf({ tool, checked }: Entry, { metalink, ...offered }: Offer): CommandLine | undefined {
  if (tool === bare) {
    const how = checked ? "digest" : "plain";
    return [process.execPath, reader, join(offered.folder, name), String(content.size), how, ...offered.urls];
  }
  const contestant = contestants.find((each) => each.name === tool);
  if (contestant === undefined || !isHere(contestant)) return undefined;
  return commandLine(contestant, { ...offered, metalink: checked ? metalink : undefined, name });
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
