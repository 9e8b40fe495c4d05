import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { catchError, lastValueFrom, of } from "rxjs";
import { expect } from "vitest";
import { freePort } from "../../../bench/freePort.js";
import { readCheckpoint } from "../../../src/adapters/node/checkpointStore.js";
import { hasBit } from "../../../src/protocol/chunkBits.js";
import type { Checkpoint } from "../../../src/storage/Checkpoint.js";
import { GetProcess, program } from "./GetProcess.js";
import { it, MiB, type Stage } from "./harness.js";

const size = 32 * MiB;
const chunks = size / (256 * 1024);

/** One of a crowd, and the command that is run again and again. */
class Member {
  readonly folder: string;
  readonly port: number;
  readonly #stage: Stage;
  readonly #words: readonly string[];

  constructor(stage: Stage, folder: string, port: number, words: readonly string[]) {
    this.#stage = stage;
    this.folder = folder;
    this.port = port;
    this.#words = words;
  }

  get(...more: readonly string[]): GetProcess {
    const seeding = ["--seed", "--seed-port", `${this.port}`];
    const words = [program, "get", ...this.#words, "--no-catalogue", "--json", ...seeding, ...more];
    const get = new GetProcess(this.folder, process.execPath, words);
    this.#stage.atEnd(() => get.kill("SIGKILL"));
    return get;
  }

  names(): Promise<string[]> {
    return readdir(this.folder);
  }

  /** What it has on record; nothing before the first one, and when it is whole. */
  async record(): Promise<Checkpoint | undefined> {
    const name = (await this.names()).find((each) => each.endsWith(".part.json"));
    if (name === undefined) return undefined;
    return lastValueFrom(readCheckpoint(join(this.folder, name)).pipe(catchError(() => of(undefined))));
  }
}

async function member(stage: Stage, name: string, words: readonly string[]): Promise<Member> {
  const folder = join(stage.folder, name);
  await mkdir(folder);
  return new Member(stage, folder, await freePort("127.0.0.1"), words);
}

/** How many chunks the records of these have between them. */
async function recorded(members: readonly Member[]): Promise<number> {
  const records = await Promise.all(members.map((each) => each.record()));
  const out = records.flatMap((record) =>
    Array.from({ length: chunks }, (_, chunk) => chunk).filter((chunk) => record && hasBit(record.complete, chunk)),
  );
  return new Set(out).size;
}

const isWhole = (get: GetProcess): boolean => get.all("download-completed").length > 0;

it("A crowd of which everybody was interrupted goes on without the seeder, and a newcomer has the file of it", async ({
  stage,
}) => {
  await stage.file(size);
  const [origin] = await stage.seed({ rate: 16 * MiB });
  const link = origin?.link ?? "";
  const root = new URL(link).pathname.slice(1);
  // One file has a name that was given, the others that which the origin tells.
  const crowd = await Promise.all(
    [["-o", "copy"], [], []].map((where, n) => member(stage, `member${n}`, [link, ...where])),
  );
  const first = crowd.map((each) => each.get("--limit-rate", "5M"));
  // What a killed process had on no record yet, nobody has.
  await expect.poll(() => recorded(crowd), { interval: 50 }).toBe(chunks);
  const signals = ["SIGINT", "SIGKILL", "SIGKILL"] as const;
  await Promise.all([origin?.kill(), ...first.map((get, n) => get.kill(signals[n] ?? "SIGKILL"))]);
  expect(first.filter(isWhole)).toEqual([]);
  for (const each of crowd) expect((await each.names()).filter((name) => /\.part\.hashes$/.test(name))).toHaveLength(1);

  // Whoever comes first finds none of those that it knows.
  const [early, ...late] = crowd;
  const alone = early?.get();
  await alone?.until("it has nobody to ask", () => alone.all("waiting").some(({ reason }) => reason === "no-peers"));
  const second = [...(alone ? [alone] : []), ...late.map((each) => each.get())];
  const found = (): unknown[] =>
    alone?.all("peer-joined").filter(({ source }) => source === "exchange" || source === "record") ?? [];
  await alone?.until("it has found the others", () => found().length === late.length);
  const newcomer = await member(stage, "newcomer", [root, "-p", `ws://127.0.0.1:${crowd[0]?.port ?? 0}`]);
  const all = [...second, newcomer.get()];
  await Promise.all(all.map((get) => get.until("it is whole", () => isWhole(get))));
  for (const get of second) expect(get.all("resolving")).toEqual([]);
  for (const get of second) expect(get.account.resumed).toBeGreaterThan(0);
  for (const each of [...crowd, newcomer]) {
    const [name = "", ...others] = await each.names();
    expect(others).toEqual([]);
    expect(stage.bytes.equals(await readFile(join(each.folder, name)))).toBe(true);
  }
});
