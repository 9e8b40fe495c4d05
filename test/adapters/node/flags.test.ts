import { execFile } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../tempFolder.js";

const sink = new URL("../../../dist/src/adapters/node/FileSink.js", import.meta.url).href;
const rxjs = import.meta.resolve("rxjs");
const size = 64 * 1024 * 1024;

/** Writes a file that is large enough for a thread of its own. */
const program = (path: string): string => `
import { FileSink } from ${JSON.stringify(sink)};
import { firstValueFrom, lastValueFrom } from ${JSON.stringify(rxjs)};
const done = (work) => lastValueFrom(work, { defaultValue: undefined });
const sink = new FileSink(${JSON.stringify(path)});
await firstValueFrom(sink.open(${size}));
const bytes = sink.memory(4).fill(7);
await Promise.all([done(sink.write(0, bytes)), done(sink.write(${size - 4}, bytes))]);
console.log(String(await firstValueFrom(sink.doubt())));
await done(sink.finish());
`;

/** Node 24 forbids `fsync` to a process of limited permissions, and nothing is called stored that was not synced. */
const mayNotSync = Number(process.versions.node.split(".")[0]) >= 24;

describe("A large file", () => {
  it.for<readonly [string, (folder: string) => Promise<readonly string[]>]>([
    ["takes text for modules", () => Promise.resolve([])],
    [
      "forbids threads",
      () => Promise.resolve(["--experimental-permission", "--allow-fs-read=*", "--allow-fs-write=*"]),
    ],
    [
      "loads what fails in every thread",
      async (folder) => {
        const preload = join(folder, "preload.cjs");
        await writeFile(preload, 'if (!require("node:worker_threads").isMainThread) throw new Error("no threads");');
        return ["-r", preload];
      },
    ],
  ])("A large file is written in a process that %s", async ([what, flagsIn], { skip }) => {
    skip(what === "forbids threads" && mayNotSync, "Node 24 forbids fsync with them");
    const folder = await tempFolder();
    const path = join(folder, "film.mkv");
    const flags = await flagsIn(folder);
    const text = program(path);
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--input-type=module", "-e", text]);
    expect(stdout.trim()).toBe("undefined");
    expect((await stat(path)).size).toBe(size);
    expect([...(await readFile(path)).subarray(-4)]).toEqual([7, 7, 7, 7]);
  });
});
