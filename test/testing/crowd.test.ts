import { describe, expect, it } from "vitest";
import { type Crowd, simulateCrowd } from "../../bench/swarm/simulateCrowd.js";

const crowd: Crowd = {
  downloaders: 12,
  chunks: 40,
  chunkBytes: 65_536,
  seed: 1,
  neighbours: 20,
  withinMs: 0,
  untilMs: 600_000,
};
const size = crowd.chunks * crowd.chunkBytes;

/** Time that one downloader takes alone, ms. */
const { lastMs: aloneMs } = simulateCrowd({ ...crowd, downloaders: 1 });

describe("A crowd that downloads from one origin and seeds", () => {
  it("A crowd has the file in less than twice the time of one, and its origin serves less than two files", () => {
    const { lastMs, originBytes, right } = simulateCrowd(crowd);
    expect(right).toBe(crowd.downloaders);
    expect(lastMs / aloneMs).toBeLessThan(2);
    expect(originBytes / size).toBeLessThan(2);
  });

  it("A crowd so large that all first bytes would come too late has the file as soon as some have passed it on", () => {
    const large = { ...crowd, downloaders: 400, chunks: 1, neighbours: 4 };
    const { lastMs, right } = simulateCrowd(large);
    expect(right).toBe(large.downloaders);
    expect(lastMs).toBeLessThan(30_000);
  });

  it.each([
    ["of whom a third leave", { leaving: 0.34 }],
    ["of whom a third serve nobody", { freeRiding: 0.34 }],
    ["of whom one in six lies", { lying: 0.17 }],
    ["with leavers and liars that come within ten seconds", { leaving: 0.34, lying: 0.17, withinMs: 10_000 }],
  ])(
    "A crowd %s ends with the right file on each that stayed, and no honest one passes on what is wrong",
    (_, troubled) => {
      const { right, stayed, wrongPassedOn, cameBytes } = simulateCrowd({ ...crowd, ...troubled });
      expect(right).toBe(stayed);
      expect(stayed).toBeGreaterThan(3);
      expect(wrongPassedOn).toBe(0);
      expect(cameBytes / (stayed * size)).toBeLessThan(1.2);
    },
  );
});
