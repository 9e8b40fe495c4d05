/*
 * `npm run bench:rtc`: a download over a WebRTC data channel from Node to Node, beside a bare loop over the same library that hashes and writes as it does; in
 * turn, each end a process of its own. Time counts from the open channel to the file on the disk.
 */
import { randomBytes } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReplaySubject, filter, firstValueFrom } from "rxjs";
import { type ServeEvent, serveFiles } from "rx-tributary/node";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { Child } from "./Child.js";

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Rate of the seeder at which both ends meet, bytes a second: it is to bring the manifest, and next to nothing of the file. */
const seederRate = 100_000;

const { mebibytes, rounds } = benchCommand("bench:rtc", "a download over a data channel, beside a bare loop")
  .option("--mebibytes <n>", "size of the file", wholeFrom(1), 1024)
  .option("--rounds <n>", "runs of each", wholeFrom(1), 3)
  .parse()
  .opts<{ mebibytes: number; rounds: number }>();
const bytes = randomBytes(mebibytes * 1024 * 1024);

/** What passes between the open channel and the file on the disk, in both processes. */
async function timed(sender: Child, receiver: Child): Promise<Run> {
  await Promise.race([sender.said("open"), receiver.said("open")]);
  const startedAt = performance.now();
  const done = receiver.said<{ readonly byChannel?: number }>("done");
  const before = await cpuOf(sender, receiver);
  sender.tell("begin");
  const { byChannel = 1 } = await done;
  const seconds = (performance.now() - startedAt) / 1000;
  if (byChannel < 0.9) throw new Error(`only ${byChannel} of the file came by the channel`);
  return { seconds, cpuSeconds: (await cpuOf(sender, receiver)) - before };
}

async function cpuOf(...ends: readonly Child[]): Promise<number> {
  const all = await Promise.all(ends.map((end) => end.cpuSeconds()));
  return all.reduce((sum, seconds) => sum + seconds, 0);
}

async function bare(file: string, copy: string): Promise<Run> {
  const sender = new Child("bare.child.ts", "sender", file);
  await sender.said("ready");
  const receiver = new Child("bare.child.ts", "receiver", copy, `${bytes.length}`);
  sender.passOn("signal", receiver);
  receiver.passOn("signal", sender);
  try {
    return await timed(sender, receiver);
  } finally {
    sender.stop();
    receiver.stop();
  }
}

async function ours(link: string, file: string, copy: string): Promise<Run> {
  const held = `${copy}.held`;
  await copyFile(file, held);
  const sender = new Child("ours.child.ts", "sender", link, held);
  await sender.said("ready");
  const receiver = new Child("ours.child.ts", "receiver", link, copy);
  try {
    return await timed(sender, receiver);
  } finally {
    sender.stop();
    receiver.stop();
  }
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
const rate = (runs: readonly Run[]): number => bytes.length / 1e6 / middle(runs.map(({ seconds }) => seconds));
const cpu = (runs: readonly Run[]): number => middle(runs.map(({ cpuSeconds }) => cpuSeconds));

const folder = await mkdtemp(join(tmpdir(), "tributary-rtc-"));
const file = join(folder, "file");
await writeFile(file, bytes);
const events = new ReplaySubject<ServeEvent>(Infinity);
const seeder = serveFiles(file, { limitRate: seederRate }).subscribe(events);
const runs = { bare: [] as Run[], ours: [] as Run[] };
try {
  const served = await firstValueFrom(events.pipe(filter((event) => event.type === "file-served")));
  const { url } = await firstValueFrom(events.pipe(filter((event) => event.type === "listening")));
  const link = new URL(new URL(served.link).pathname, url).href;
  for (let round = 0; round < rounds; round++) {
    for (const [how, run] of Object.entries({
      bare: (copy: string) => bare(file, copy),
      ours: (copy: string) => ours(link, file, copy),
    })) {
      const copy = join(folder, `${how}${round}`);
      runs[how as keyof typeof runs].push(await run(copy));
      if (!bytes.equals(await readFile(copy))) throw new Error(`${how} brought other bytes`);
    }
  }
} finally {
  seeder.unsubscribe();
  await rm(folder, { recursive: true });
}
console.log(`bare loop   ${rate(runs.bare).toFixed(1)} MB/s, ${cpu(runs.bare).toFixed(2)} s of CPU, both ends`);
console.log(`download    ${rate(runs.ours).toFixed(1)} MB/s, ${cpu(runs.ours).toFixed(2)} s of CPU, both ends`);
console.log(`goodput     ${(rate(runs.ours) / rate(runs.bare)).toFixed(2)} of the bare loop's   goal >= 0.9`);
console.log(`CPU         ${(cpu(runs.ours) / cpu(runs.bare)).toFixed(2)} x`);
