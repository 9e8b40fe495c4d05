import { describe, expect } from "vitest";
import { it, KiB, MiB } from "./harness.js";

describe("get --policy adaptive", () => {
  it("The adaptive policy allows six retries with an only seeder that answers every second request", async ({
    stage,
  }) => {
    await stage.file(MiB);
    const seeders = await stage.seed({ chunkSize: 64 * KiB, failOneIn: 2 });
    const get = stage.get(seeders, "--policy", "adaptive", "--initial-backoff-ms", "10");
    expect(await get.ended()).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect(get.all("retry-scheduled")[0]).toMatchObject({ retry: 1, maxRetries: 6 });
  });
});
