import { describe, expect, it } from "vitest";
import { cutShort, limitOf } from "../../bench/rivals/limitOf.js";
import type { Outcome, Verdict } from "../../bench/rivals/Outcome.js";

const outcome = (verdict: Verdict, seconds: number, limitSeconds = 45): Outcome => ({
  tool: `${verdict} ${seconds}`,
  ...{ verdict, seconds, limitSeconds },
  ...{ ratio: 1, requests: 1 },
});

describe("A tool may take", () => {
  it.each<[string, number, readonly Outcome[]]>([
    ["45 s while nobody was right", 45, [outcome("corrupt", 1), outcome("hang", 45)]],
    ["15 s beside quick ones that were right", 15, [outcome("ok", 0.5), outcome("ok", 1)]],
    ["thrice the time of the slowest that was right, and 10 s more", 25, [outcome("ok", 5), outcome("ok", 1)]],
    ["45 s at most, however slow one was that was right", 45, [outcome("ok", 30)]],
  ])("%s", (_name, seconds, outcomes) => {
    expect(limitOf(outcomes, "file")).toBe(seconds);
  });
});

it("A tool that was stopped plays again when a slower one turned out to be right", () => {
  const stopped = outcome("hang", 15, 15);
  expect(cutShort([outcome("ok", 1), stopped], "file")).toEqual([]);
  expect(cutShort([outcome("ok", 1), stopped, outcome("ok", 8)], "file")).toEqual([stopped]);
  expect(cutShort([outcome("ok", 1), outcome("hang", 34, 34), outcome("ok", 8)], "file")).toEqual([]);
});
