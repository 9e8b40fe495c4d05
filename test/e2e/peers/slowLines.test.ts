import { describe, expect } from "vitest";
import type { Stage } from "./harness.js";
import { it, KiB } from "./harness.js";

/** Downloads a chunk from each line; it takes longer than the first silence of a leg may last, which is 10 s. */
async function play(stage: Stage, seeders: number, bytesPerSecond: number): Promise<void> {
  const chunkSize = Math.ceil((11 * bytesPerSecond) / KiB) * KiB;
  const size = seeders * chunkSize;
  await stage.file(size);
  const processes = await stage.seed(...Array.from({ length: seeders }, () => ({ chunkSize })));
  const lines = await stage.lines(processes, () => ({ bytesPerSecond }));
  const get = stage.get(lines);
  expect(await get.ended()).toBe(0);
  expect(await stage.isRight()).toBe(true);
  expect(get.all("attempt-failed")).toEqual([]);
  expect(get.all("retry-scheduled")).toEqual([]);
  expect(get.account.received).toBeLessThanOrEqual(1.05 * size);
  expect(lines.reduce((sum, line) => sum + line.passedBytes(), 0)).toBeLessThanOrEqual(1.1 * size);
}

describe.concurrent("slow lines are no silent ones", () => {
  it("A slow line of 15 KB/s brings a chunk in eleven seconds", ({ stage }) => play(stage, 1, 15_000));

  it("Eight slow lines of 12.5 KB/s bring a chunk each in as many seconds", ({ stage }) => play(stage, 8, 12_500));
});
