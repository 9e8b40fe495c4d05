/*
 * `npm run bench:swarm-real`: downloads that seed, each a process of its own on loopback, from one seeder with a limited rate: what it serves of its file, and
 * whether they do without it once every chunk is among them.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { GetProcess, program } from "../../test/e2e/peers/GetProcess.js";
import { SeederProcess } from "../../test/e2e/peers/SeederProcess.js";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { freePort } from "../freePort.js";

const { downloaders, mebibytes } = benchCommand("bench:swarm-real", "downloads that seed, as processes on loopback")
  .option("--downloaders <n>", "how many", wholeFrom(1), 8)
  .option("--mebibytes <n>", "size of the file", wholeFrom(1), 64)
  .parse()
  .opts<{ downloaders: number; mebibytes: number }>();

const size = mebibytes * 1024 * 1024;
const rate = 5_000_000;
const withinMs = 2000;

/** Runs a crowd; with `kills` the seeder is killed as soon as every chunk is out once. */
async function run(folder: string, bytes: Buffer, kills: boolean): Promise<void> {
  const file = join(folder, "original");
  await writeFile(file, bytes);
  const seeder = await SeederProcess.start({ file, host: "127.0.0.2", rate });
  const gets: GetProcess[] = [];
  try {
    const ports = await Promise.all(Array.from({ length: downloaders }, () => freePort("127.0.0.1")));
    const known = ports.flatMap((port) => ["-p", `ws://127.0.0.1:${port}`]);
    const startedAt = performance.now();
    for (const [index, port] of ports.entries()) {
      const seeding = ["--seed", "--seed-port", `${port}`, "--seed-minutes", "10"];
      const words = ["get", seeder.link, ...known, "-o", join(folder, `copy${index}`), "--no-catalogue"];
      gets.push(new GetProcess(folder, process.execPath, [program, ...words, ...seeding, "--json"]));
      if (index < downloaders - 1) await setTimeout(withinMs / downloaders);
    }
    const isSpread = (): boolean => {
      const [started] = gets.flatMap((get) => get.all("download-started"));
      const out = new Set(gets.flatMap((get) => [...get.chunks("chunk-verified")]));
      return started !== undefined && out.size === started.manifest.chunkCount;
    };
    if (kills) {
      await Promise.race(gets.map((get) => get.until("every chunk is out", isSpread)));
      await seeder.kill();
    }
    const spreadMs = performance.now() - startedAt;
    await Promise.all(gets.map((get) => get.until("it is whole", () => get.all("download-completed").length > 0)));
    const seconds = (performance.now() - startedAt) / 1000;
    const copies = await Promise.all(ports.map((_, index) => readFile(join(folder, `copy${index}`))));
    const right = copies.filter((copy) => copy.equals(bytes)).length;
    const lineSeconds = size / rate;
    const columns = [
      kills ? `seeder killed after ${(spreadMs / 1000).toFixed(1)} s, when every chunk was out` : "seeder stays",
      `${(seeder.served.servedBytes / size).toFixed(2)} x the size from the seeder   goal <= 2.5`,
      `last after ${seconds.toFixed(1)} s, ${(seconds / lineSeconds).toFixed(2)} x the time of its line for one`,
      `${right} of ${downloaders} right`,
    ];
    console.log(columns.join("   "));
    if (right < downloaders) process.exitCode = 1;
  } finally {
    await Promise.all([seeder.kill(), ...gets.map((get) => get.kill("SIGKILL"))]);
  }
}

const folder = await mkdtemp(join(tmpdir(), "tributary-swarm-"));
try {
  const bytes = randomBytes(size);
  console.log(
    `${mebibytes} MiB, ${downloaders} downloads begun within ${withinMs / 1000} s, a seeder of ${rate / 1e6} MB/s`,
  );
  for (const kills of [false, true]) await run(await mkdtemp(join(folder, "run-")), bytes, kills);
} finally {
  await rm(folder, { recursive: true, force: true });
}
