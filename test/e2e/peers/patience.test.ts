import { describe, expect } from "vitest";
import type { GetProcess } from "./GetProcess.js";
import { it, KiB, MiB, servedBy } from "./harness.js";

/** Neither the account nor any event speaks of a retry. */
function expectNoRetry(get: GetProcess): void {
  expect(get.account.retries).toEqual({});
  expect(get.all("retry-scheduled")).toEqual([]);
  expect(get.all("peer-blacklisted")).toEqual([]);
}

describe.concurrent("a download from unhurried peers", () => {
  it("A download from unhurried peers takes 50 KB/s in chunks of 1 MiB without a retry", async ({ stage }) => {
    const size = Math.floor(1.05 * MiB);
    await stage.file(size);
    const seeders = await stage.seed({ rate: 50_000, chunkSize: MiB });
    const get = stage.get(seeders);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expectNoRetry(get);
    expect(get.account.received).toBe(size);
  });

  it("A download goes on from where it was when a slow chunk outlasts the limit of an attempt, without a retry", async ({
    stage,
  }) => {
    const size = Math.floor(1.05 * MiB);
    await stage.file(size);
    const seeders = await stage.seed({ rate: 50_000, chunkSize: MiB });
    const get = stage.get(seeders, "--chunk-timeout-secs", "5", "--chunk-deadline-secs", "10");
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expectNoRetry(get);
    expect(get.account.continuations).toBeGreaterThanOrEqual(3);
    expect(get.account.received).toBeLessThanOrEqual(1.03 * size);
  });

  it("A download survives one failed request in ten over 4,096 chunks", async ({ stage }) => {
    const size = 64 * MiB;
    await stage.file(size);
    const seeders = await stage.seed({ chunkSize: 16 * KiB, failOneIn: 10 });
    // Four hundred waits of a second would be most of the time.
    const get = stage.get(seeders, "--initial-backoff-ms", "50");
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.chunks("chunk-verified").size).toBe(4096);
    // Nine answers of ten are good, so a ninth of the number of chunks failed.
    const failures = get.all("attempt-failed");
    expect(failures.length).toBeGreaterThan(400);
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(["PEER_UNAVAILABLE"]));
    expect(get.account.received).toBe(size);
  });

  it("A download waits three seconds for seeders that are all busy, without a retry", async ({ stage }) => {
    const size = 4 * MiB;
    await stage.file(size);
    const seeders = await stage.seed({ busyMs: 3000 }, { busyMs: 3000 }, { busyMs: 3000 });
    // On a busy machine first bytes are late, and a second request would bring some of them twice.
    const get = stage.get(seeders, "--no-parallel-retries");
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(new Set(get.all("peer-busy").map(({ peer }) => peer))).toEqual(new Set(seeders.map(({ peer }) => peer)));
    expectNoRetry(get);
    expect(get.account.received).toBe(size);
  });

  it("A download fetches next to nothing twice from a seeder that hangs up every 300 KB", async ({ stage }) => {
    const size = 8 * MiB;
    await stage.file(size);
    const seeders = await stage.seed({ dropEveryBytes: 300_000, rate: MiB });
    const get = stage.get(seeders);
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(seeders[0]?.served.dials).toBeGreaterThanOrEqual(Math.floor(size / 400_000));
    await seeders[0]?.left();
    // With what was on its way when the line dropped.
    expect(servedBy(seeders)).toBeLessThanOrEqual(1.15 * size);
    expect(get.account.received).toBeLessThanOrEqual(1.03 * size);
  });
});
