import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RankedPeers } from "../../src/peers/RankedPeers.js";

const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ set: fc.nat(30), score: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ delete: fc.nat(30) }) },
);

describe("RankedPeers", () => {
  it("walks like a sorted array, whatever was set, moved and deleted before", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const ranked = new RankedPeers<number>();
        const scores = new Map<number, number>();
        for (const each of commands) {
          if ("set" in each) {
            ranked.set(each.set, each.score, each.set);
            scores.set(each.set, each.score);
          } else {
            ranked.delete(each.delete);
            scores.delete(each.delete);
          }
        }
        const sorted = [...scores].sort(([a, x], [b, y]) => x - y || a - b).map(([member]) => member);
        expect([...ranked]).toEqual(sorted);
        expect(ranked.size).toBe(sorted.length);
        for (let member = 0; member <= 30; member++) expect(ranked.has(member)).toBe(scores.has(member));
      }),
      { numRuns: 500 },
    );
  });

  it("hands out the first few of many without looking at the rest", () => {
    const ranked = new RankedPeers<number>();
    for (let i = 9999; i >= 0; i--) ranked.set(i, i, i);
    const [first, second] = ranked;
    expect([first, second]).toEqual([0, 1]);
  });

  it("is empty at first", () => {
    expect([...new RankedPeers<string>()]).toEqual([]);
  });
});
