import { readdir } from "node:fs/promises";
import { describe, expect } from "vitest";
import { it, KiB } from "./harness.js";

const chunkSize = 256 * KiB;

describe.concurrent("a file of", () => {
  it.for([
    ["no byte", 0, 0],
    ["one byte", 1, 1],
    ["one byte less than a chunk", chunkSize - 1, 1],
    ["exactly one chunk", chunkSize, 1],
    ["exactly four chunks", 4 * chunkSize, 4],
    ["four chunks and a byte", 4 * chunkSize + 1, 5],
  ] as const)("%s comes whole, and nothing else is left", async ([, size, chunks], { stage }) => {
    await stage.file(size);
    const seeders = await stage.seed({});
    const get = stage.get(seeders);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("download-started")).toMatchObject([{ manifest: { size, chunkSize, chunkCount: chunks } }]);
    expect(get.chunks("chunk-verified").size).toBe(chunks);
    expect(get.account).toMatchObject({ size, done: size, verified: size, received: size, retries: {}, waste: {} });
    await seeders[0]?.left();
    expect(seeders[0]?.served.servedBytes).toBe(size);
    expect((await readdir(stage.folder)).sort()).toEqual(["copy", "original"]);
  });
});
