import { access } from "node:fs/promises";
import { describe, expect } from "vitest";
import { again, it, MiB } from "./harness.js";

const size = 32 * MiB;
const rate = 2 * MiB;

describe("a download whose seeders all die", () => {
  it("A download whose seeders all die ends with exit 3, keeps what it has, and goes on when they are back", async ({
    stage,
  }) => {
    await stage.file(size);
    const orders = [{ rate }, { rate }, { rate }];
    const seeders = await stage.seed(...orders);
    const first = stage.get(seeders);
    await first.verified(0.4 * size);
    const had = first.chunks("chunk-verified");
    await Promise.all(seeders.map((seeder) => seeder.kill()));
    expect(await first.ended()).toBe(3);
    expect(first.all("download-failed")).toMatchObject([{ resumable: true }]);
    await access(`${stage.out}.part`);
    await access(`${stage.out}.part.json`);
    const back = await stage.seed(...seeders.map(({ port }, index) => ({ ...orders[index], port })));
    expect(back.map(({ link }) => link)).toEqual(seeders.map(({ link }) => link));
    const second = stage.get(back);
    expect(await second.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(had.size).toBeGreaterThan(0);
    expect(again(first, second)).toEqual([]);
    expect(first.account.received + second.account.received).toBeLessThanOrEqual(1.05 * size);
  });
});
