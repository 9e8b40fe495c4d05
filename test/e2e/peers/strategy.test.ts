import { describe, expect } from "vitest";
import { it, MiB } from "./harness.js";

describe("get --strategy load-balanced", () => {
  it("The strategy load-balanced takes about the same from a slower and a faster seeder", async ({ stage }) => {
    await stage.file(4 * MiB);
    // Less than twice as fast, or it would take over what the slower one is at.
    const seeders = await stage.seed({ rate: 2 * MiB }, { rate: 3 * MiB });
    const get = stage.get(seeders, "--strategy", "load-balanced", "--max-concurrent-chunks", "1");
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    const [slower = 0, faster = 0] = seeders.map(({ peer }) => get.account.bytesByPeer[peer] ?? 0);
    expect(Math.abs(faster - slower)).toBeLessThanOrEqual(MiB);
  });
});
