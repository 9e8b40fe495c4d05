import { open, readdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { describe, expect } from "vitest";
import { again, it, KiB, MiB, servedBy } from "./harness.js";

const size = 32 * MiB;
const chunkSize = 256 * KiB;
/** Slow enough that half of it is not yet all of it when the test hears of it. */
const rate = 2 * MiB;

describe.concurrent("what an earlier run left on disk", () => {
  it("Bytes of an earlier run are hashed after an unclean end: of what was verified, only the tampered chunks come again", async ({
    stage,
  }) => {
    await stage.file(size);
    const seeders = await stage.seed({ rate }, { rate });
    const first = stage.get(seeders);
    await first.verified(size / 2);
    await first.kill("SIGKILL");
    const before = first.chunks("chunk-verified");
    const [one = -1, , two = -1] = before;
    const part = await open(`${stage.out}.part`, "r+");
    await part.write(Buffer.from("tampered"), 0, 8, one * chunkSize + 1000);
    await part.write(Buffer.from("tampered"), 0, 8, (two + 1) * chunkSize - 8);
    await part.close();
    await Promise.all(seeders.map((seeder) => seeder.left()));
    const servedBefore = servedBy(seeders);

    // On a busy machine a second request would bring some of it twice.
    const second = stage.get(seeders, "--no-parallel-retries");
    expect(await second.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(new Set(again(first, second))).toEqual(new Set([one, two]));
    expect(second.all("peer-quarantined")).toEqual([]);
    await Promise.all(seeders.map((seeder) => seeder.left()));
    const missing = (size / chunkSize - before.size + 2) * chunkSize;
    expect(servedBy(seeders) - servedBefore).toBeLessThanOrEqual(missing);
  });

  it("Bytes of an earlier run are hashed when its checkpoint is damaged, which is set aside with a notice", async ({
    stage,
  }) => {
    await stage.file(size);
    const seeders = await stage.seed({ rate }, { rate });
    const first = stage.get(seeders);
    await first.verified(size / 2);
    expect(await first.kill("SIGINT")).toBe(130);
    const checkpoint = await readFile(`${stage.out}.part.json`);
    const damaged = checkpoint.subarray(0, checkpoint.length / 2);
    await writeFile(`${stage.out}.part.json`, damaged);

    const second = stage.get(seeders);
    expect(await second.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(second.all("notice").map(({ message }) => message)).toContainEqual(
      expect.stringContaining(`is kept as ${stage.out}.part.json.damaged`),
    );
    expect(damaged.equals(await readFile(`${stage.out}.part.json.damaged`))).toBe(true);
    const copy = basename(stage.out);
    expect((await readdir(stage.folder)).sort()).toEqual([copy, `${copy}.part.json.damaged`, "original"]);
    expect(second.account.resumed).toBeGreaterThanOrEqual(size / 2);
    expect(first.account.received + second.account.received).toBeLessThanOrEqual(1.05 * size);
  });
});
