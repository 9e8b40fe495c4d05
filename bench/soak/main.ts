/**
 * `npm run soak`: downloads again and again in this process, from a seeder in another one, for so many minutes. Exit code 1 when a file was
 * wrong, or when this process has grown since its first quarter: heap after a collection, or handles.
 */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { downloadFile } from "rx-tributary/node";
import { lastValueFrom } from "rxjs";
import { benchCommand, wholeFrom } from "../benchCommand.js";

const { minutes } = benchCommand("soak", "downloads again and again in one process, and what it keeps of them")
  .option("--minutes <n>", "how long", wholeFrom(1), 15)
  .parse()
  .opts<{ readonly minutes: number }>();

const program = fileURLToPath(new URL("../seeder.child.ts", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "tributary-soak-"));
const original = join(folder, "original");
const out = join(folder, "copy");
const bytes = randomBytes(4 * 1024 * 1024);
/** So much more heap at the end is no growth, bytes. */
const heapSlack = 4e6;

interface Look {
  readonly rss: number;
  /** After a collection. */
  readonly heap: number;
  readonly external: number;
  readonly handles: number;
  readonly descriptors: number;
}

async function look(): Promise<Look> {
  globalThis.gc?.();
  const { rss, heapUsed: heap, external } = process.memoryUsage();
  const descriptors = await readdir("/proc/self/fd").then(
    ({ length }) => length,
    () => 0,
  );
  return { rss, heap, external, handles: process.getActiveResourcesInfo().length, descriptors };
}

function tell(when: string, { rss, heap, external, handles, descriptors }: Look): void {
  const memory = [rss, heap, external].map((amount) => `${(amount / 1e6).toFixed(1)} MB`.padStart(10));
  console.log(`${when.padEnd(22)}${memory.join("")}${String(handles).padStart(9)}${String(descriptors).padStart(13)}`);
}

await writeFile(original, bytes);
const seeder = fork(program, [original], { execArgv: ["--import", "tsx"] });
try {
  const [{ link }] = (await once(seeder, "message")) as [{ readonly link: string }];
  console.log(
    `${"".padEnd(22)}${"rss".padStart(10)}${"heap".padStart(10)}${"external".padStart(10)}  handles  descriptors`,
  );
  const started = performance.now();
  const looks: Look[] = [];
  let downloads = 0;
  let wrong = 0;
  for (let quarter = 0; quarter <= 4; quarter += 1) {
    const until = started + quarter * minutes * 15_000;
    do {
      await lastValueFrom(downloadFile(link, { out, catalogue: false }));
      downloads += 1;
      if (!bytes.equals(await readFile(out))) wrong += 1;
      await rm(out);
    } while (performance.now() < until);
    const seen = await look();
    looks.push(seen);
    tell(quarter === 0 ? "after one download" : `${downloads} downloads`, seen);
  }
  const [, first, , , last] = looks;
  const grown = first === undefined || last === undefined ? Infinity : last.heap - first.heap;
  const isFlat = grown < heapSlack && last?.handles === first?.handles && last?.descriptors === first?.descriptors;
  console.log(
    `${downloads} downloads, ${wrong} wrong; ${isFlat ? "flat" : "NOT FLAT"}: heap ${(grown / 1e6).toFixed(1)} MB more than after the first quarter`,
  );
  process.exitCode = isFlat && wrong === 0 ? 0 : 1;
} finally {
  seeder.disconnect();
  await rm(folder, { recursive: true, force: true });
}
