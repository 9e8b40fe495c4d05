import { describe, expect } from "vitest";
import { again, it, MiB, servedBy } from "./harness.js";

const size = 32 * MiB;
/** Slow enough that half of it is not yet all of it when the test hears of it. */
const rate = 2 * MiB;

describe.concurrent("a download that was cut off half way, run again", () => {
  it("After SIGKILL half way, both runs together take at most 1.05 times the file", async ({ stage }) => {
    await stage.file(size);
    const seeders = await stage.seed({ rate }, { rate });
    const first = stage.get(seeders);
    await first.verified(size / 2);
    expect(await first.kill("SIGKILL")).toBe("SIGKILL");
    const second = stage.get(seeders);
    expect(await second.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    await Promise.all(seeders.map((seeder) => seeder.left()));
    expect(servedBy(seeders)).toBeGreaterThanOrEqual(size);
    expect(servedBy(seeders)).toBeLessThanOrEqual(1.05 * size);
    expect(second.account.resumes).toBe(1);
    expect(second.account.resumed).toBeGreaterThanOrEqual(size / 2);
    expect(again(first, second)).toEqual([]);
  });

  it("After Ctrl-C half way, the download says how to go on, and that command takes the rest", async ({ stage }) => {
    await stage.file(size);
    const seeders = await stage.seed({ rate }, { rate });
    const first = stage.get(seeders);
    await first.verified(size / 2);
    expect(await first.kill("SIGINT")).toBe(130);
    expect(first.events.at(-1)?.type).toBe("download-paused");
    const [, command = ""] = /to go on: (.+)\n$/.exec(first.stderr) ?? [];
    expect(command).toContain(seeders[0]?.link);
    const second = stage.shell(command);
    expect(await second.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    await Promise.all(seeders.map((seeder) => seeder.left()));
    expect(servedBy(seeders)).toBeLessThanOrEqual(1.05 * size);
    expect(again(first, second)).toEqual([]);
  });
});
