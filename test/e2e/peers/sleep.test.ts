import { describe, expect } from "vitest";
import { it, MiB } from "./harness.js";

const size = 16 * MiB;

describe("a download whose process is stopped for seven seconds, as a machine that sleeps", () => {
  it("A download whose process is stopped for seven seconds goes on where it was: all limits were shorter, and there is no retry and no blame", async ({
    stage,
  }) => {
    await stage.file(size);
    const seeders = await stage.seed({ rate: 2 * MiB }, { rate: 2 * MiB });
    const limits = ["--chunk-timeout-secs", "5", "--chunk-deadline-secs", "6", "--peer-failure-threshold", "1"];
    const get = stage.get(seeders, ...limits);
    await get.verified(0.2 * size);
    await get.sleep(7000);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("notice").map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Going on: the machine slept for (?:[6-9]|\d\d)\.\d s$/),
    ]);
    expect(get.account).toMatchObject({ retries: {}, switches: expect.any(Number) as number, recoveredChunks: 0 });
    expect(get.all("peer-blacklisted")).toEqual([]);
    const failures = get.all("attempt-failed");
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toMatchObject({ code: "NETWORK_DOWN", continued: true });
    for (const { served } of seeders) expect(served.dials).toBeGreaterThanOrEqual(2);
  });
});
