/** Verified goodput and memory of a download over WebSocket, beside a bare loop over the same number of the same frames. */
import { fork } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Run {
  /** The first and the second download of one process. */
  readonly coldSeconds: number;
  readonly warmSeconds: number;
  /** Of the second. */
  readonly cpuSeconds: number;
  /** The most memory by the end of the first. */
  readonly rssBytes: number;
}

const MiB = 1024 * 1024;
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function start(script: string, ...args: string[]): Promise<{ first: unknown; stop: () => void }> {
  const child = fork(here(script), args);
  const [first] = (await once(child, "message")) as [unknown];
  return { first, stop: () => child.kill() };
}

function writeRandomFile(path: string, bytes: number): void {
  const file = openSync(path, "w");
  const block = Buffer.alloc(MiB);
  for (let at = 0; at < bytes; at += MiB) {
    randomFillSync(block);
    writeSync(file, block);
  }
  closeSync(file);
}

/** In memory where the system has such a folder, so that the disk is not what is measured. */
async function fastFolder(): Promise<string> {
  const shared = await stat("/dev/shm").catch(() => undefined);
  return mkdtemp(join(shared?.isDirectory() ? "/dev/shm" : tmpdir(), "tributary-bench-"));
}

/** Each way `rounds` times, in turn, so that both meet the same machine. */
export async function benchGoodput(bytes: number, rounds: number): Promise<{ bare: Run[]; ours: Run[] }> {
  const folder = await fastFolder();
  const file = join(folder, "file");
  writeRandomFile(file, bytes);
  const sender = await start("sender.child.ts", file);
  const seeder = await start("seeder.child.ts", file);
  const { port } = sender.first as { port: number };
  const { link } = seeder.first as { link: string };
  const runs = { bare: [] as Run[], ours: [] as Run[] };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [how, url] of [
        ["bare", `ws://127.0.0.1:${port}`],
        ["ours", link],
      ] as const) {
        const out = join(folder, "copy");
        const { first } = await start("receiver.child.ts", how, url, out);
        runs[how].push(first as Run);
        await rm(out);
      }
    }
  } finally {
    sender.stop();
    seeder.stop();
    await rm(folder, { recursive: true });
  }
  return runs;
}
