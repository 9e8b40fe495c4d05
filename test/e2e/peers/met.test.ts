import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { GetProcess, program } from "./GetProcess.js";
import { it, MiB, type Stage } from "./harness.js";

const size = 16 * MiB;

/** Runs `get` of a link in the folder of the stage. */
function get(stage: Stage, link: string, ...more: readonly string[]): GetProcess {
  const words = [program, "get", link, "--no-catalogue", "--json", ...more];
  const started = new GetProcess(stage.folder, process.execPath, words);
  stage.atEnd(() => started.kill("SIGKILL"));
  return started;
}

/** Peers that joined, of whom others told, or an earlier run. */
const met = (run: GetProcess, by = "exchange"): Set<string> =>
  new Set(run.all("peer-joined").flatMap(({ peer, source }) => (source === by ? [peer] : [])));

/** Those who were met and brought something before the last record was begun, which was after the one before was there. */
function useful(run: GetProcess): Set<string> {
  const records = run.events.flatMap(({ type }, at) => (type === "checkpoint-saved" ? [at] : []));
  const before = run.events.slice(0, records.at(-2) ?? 0);
  const bringers = before.flatMap((event) => (event.type === "chunk-verified" ? Object.keys(event.peers) : []));
  return new Set(bringers.filter((peer) => met(run).has(peer)));
}

describe.concurrent("a download that is run again when the seeder that it knows is gone", () => {
  it.for([
    ["of a name that was given", ["-o", "again/copy"], "SIGINT"],
    ["whose name peers told, after a kill", ["-d", "again"], "SIGKILL"],
  ] as const)("A file %s comes from those who were met", async ([, where, signal], { stage }) => {
    await stage.file(size);
    await mkdir(join(stage.folder, "again"));
    const [origin] = await stage.seed({ rate: MiB });
    const link = origin?.link ?? "";
    const names = ["a", "b"];
    // What has the name already is the file, and is served at once.
    for (const name of names) await writeFile(join(stage.folder, name), stage.bytes);
    const sharers = names.map((name) => get(stage, link, "-o", name, "--seed", "--seed-limit-rate", "1M"));
    await Promise.all(sharers.map((run) => run.until("it is whole", () => run.all("download-completed").length > 0)));
    const first = get(stage, link, ...where, "--exchange");
    await first.until("both are met", () => met(first).size === 2);
    await first.until("it has a record with one that was of use", () => useful(first).size > 0);
    await first.kill(signal);
    await origin?.kill();
    const second = get(stage, link, ...where, "--exchange");
    expect(await second.ended()).toBe(0);
    const [name = ""] = await readdir(join(stage.folder, "again"));
    expect(stage.bytes.equals(await readFile(join(stage.folder, "again", name)))).toBe(true);
    for (const peer of useful(first)) expect(met(second, "record")).toContain(peer);
    expect(second.account.resumed).toBeGreaterThan(0);
  });
});
