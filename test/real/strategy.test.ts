import { describe, expect } from "vitest";
import { it, KiB, MiB } from "./harness.js";

describe("get --strategy", () => {
  it("load-balanced takes the same from a fast and a slow seeder", async ({ stage }) => {
    await stage.file(4 * MiB);
    const [slow, fast] = await stage.seed({ rate: 2 * MiB }, {});
    if (slow === undefined || fast === undefined) throw new Error("two seeders were asked for");
    const get = stage.get([slow, fast], "--strategy", "load-balanced", "--max-concurrent-chunks", "1");
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    const { bytesByPeer } = get.account;
    const [few, many] = [slow, fast].map(({ peer }) => bytesByPeer[peer] ?? 0).sort((a, b) => a - b);
    expect((many ?? 0) - (few ?? 0)).toBeLessThanOrEqual(256 * KiB);
  });
});
