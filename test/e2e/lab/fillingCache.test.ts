import { describe, expect } from "vitest";
import { fillsCache } from "./faults/caches.js";
import { facts, it } from "./harness.js";
import { serve } from "./serve.js";

const size = 16 * 1024 * 1024;
const bytesPerSecond = 1_000_000;

describe("A cache that fetches the whole file for each question, as long as it does not have it", () => {
  it("A cache that fills is read along one answer: the origin sends the file twice, and nothing is said to stall", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    const origin = { transfers: 0 };
    await lab.start(serve(content, facts, fillsCache(bytesPerSecond, origin)));
    const from = performance.now();
    const get = lab.get();
    expect(await get.ended()).toBe(0);
    const seconds = (performance.now() - from) / 1000;
    expect(await lab.isRight()).toBe(true);
    expect(origin.transfers).toBeLessThanOrEqual(2);
    expect(get.all("attempt-failed")).toEqual([]);
    expect(seconds).toBeLessThan(1.15 * (size / bytesPerSecond) + 2);
    expect(get.all("attempt-started")).toHaveLength(64);
  });
});
