import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { seededRandom } from "rx-tributary/testing";
import { attack, clients } from "./clients.js";
import { getFrom, peakMemory, program } from "./getFrom.js";
import { sendFrames } from "./sendFrames.js";

/** A seeder that served beside hostile clients. */
export interface Beside {
  readonly name: string;
  /** Of the rate that is a good client's if all who take bytes have as much. */
  readonly share: number;
  readonly wanted: number;
  readonly peakBytes: number;
  /** Whether it still runs. */
  readonly isAlive: boolean;
  readonly told: string;
}

/** Bytes a second of the seeder. */
const rate = 2_000_000;
/** Large enough that the start of a program counts for little. */
const size = 6 * 1024 * 1024;
/** Clients of a kind at a time. */
const crowd = 8;
const wanted = 0.8;

/** Has a seeder of its own for each kind, and a good client that downloads meanwhile. */
export async function besideClients(folder: string, frames: number): Promise<readonly Beside[]> {
  const bytes = randomBytes(size);
  const path = join(folder, "served.bin");
  await writeFile(path, bytes);
  const alone = (await timed(path, bytes, () => Promise.resolve("nobody else"))).seconds;
  const results: Beside[] = [];
  for (const kind of clients) {
    const { seconds, ...rest } = await timed(path, bytes, async (link, signal) => {
      const attackers = Array.from({ length: crowd }, (_, index) => attack(link, kind, signal, seededRandom(1, index)));
      const connections = (await Promise.all(attackers)).reduce((sum, count) => sum + count, 0);
      return `${crowd} clients, ${connections} connections`;
    });
    // What is waited for beside the bytes, such as the start of the program, is the same with company.
    const fairSeconds = alone + (kind.takes === true ? (crowd * bytes.length) / rate : 0);
    results.push({ name: kind.name, share: fairSeconds / seconds, wanted, ...rest });
  }
  const { seconds, ...rest } = await timed(
    path,
    bytes,
    async (link, signal) => {
      const sent = await sendFrames(link, frames, signal, seededRandom(1));
      return `${sent.frames} mutated frames in ${sent.connections} connections`;
    },
    true,
  );
  results.push({ name: "frames", share: alone / seconds, wanted, ...rest });
  return results;
}

/** How long a download takes while the seeder is attacked; it ends the attack, unless that is to come to its end. */
async function timed(
  path: string,
  bytes: Buffer,
  attackBy: (link: string, signal: AbortSignal) => Promise<string>,
  toItsEnd = false,
) {
  const seeder = spawn(process.execPath, [program, "seed", path, "--limit-rate", String(rate), "-q"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let isAlive = true;
  const ended = once(seeder, "exit").then(() => void (isAlive = false));
  const listening = once(createInterface({ input: seeder.stdout }), "line") as Promise<[string]>;
  const tooSoon = ended.then(() => {
    throw new Error("the seeder ended before it listened");
  });
  tooSoon.catch(() => undefined); // told by the race, if at all
  const [link] = await Promise.race([listening, tooSoon]);
  const over = new AbortController();
  void ended.then(() => over.abort());
  const attacked = attackBy(link, over.signal);
  const { exit, seconds, isWrong } = await getFrom([link], bytes, 120);
  if (!toItsEnd) over.abort();
  const told = await attacked;
  const peakBytes = peakMemory(seeder.pid);
  const result = { seconds: exit === 0 && !isWrong ? seconds : Infinity, peakBytes, isAlive, told };
  seeder.kill("SIGKILL");
  await ended;
  return result;
}
