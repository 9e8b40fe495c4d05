import { describe, expect, it } from "vitest";
import { blacklistDurationMs } from "../../operators/blacklistDuration.js";

describe("blacklistDurationMs", () => {
  it.each([
    [0, 15_000],
    [1, 30_000],
    [4, 240_000],
    [5, 300_000],
    [5000, 300_000],
  ])("A blacklist after %d times before lasts %d ms", (before, ms) => {
    expect(blacklistDurationMs(before, 15_000, 300_000)).toBe(ms);
  });

  it("A blacklist is never longer than the longest, even the first time", () => {
    expect(blacklistDurationMs(0, 15_000, 5000)).toBe(5000);
    expect(blacklistDurationMs(7, 15_000, 0)).toBe(0);
  });
});
