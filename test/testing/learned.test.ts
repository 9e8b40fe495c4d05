import { describe, expect, it } from "vitest";
import type { SwarmPeer, SwarmRun } from "../../src/testing.js";
import { simulateSwarm } from "../../src/testing.js";

const chunkBytes = 256 * 1024;
/** 8 MiB. */
const chunks = 32;

const mirror = (id: string, bytesPerSecond: number, more: Partial<SwarmPeer> = {}): SwarmPeer => ({
  id,
  bytesPerSecond,
  roundTripMs: 30,
  pieceBytes: 4096,
  connectsEach: true,
  ...more,
});
const fast = mirror("fast", 2_000_000);
const slowOnes = (count: number, bytesPerSecond: number): readonly SwarmPeer[] =>
  Array.from({ length: count }, (_, i) => mirror(`slow ${i}`, bytesPerSecond));

const run = (...peers: readonly SwarmPeer[]): SwarmRun => simulateSwarm({ peers, chunks, chunkBytes, seed: 1 });
const alone = run(fast);
const asked = ({ events }: SwarmRun): number => events.filter(({ type }) => type === "attempt-started").length;
const failures = ({ events }: SwarmRun): number => events.filter(({ type }) => type === "attempt-failed").length;

describe("A fast mirror", () => {
  it.each([
    [9, 20_000],
    [15, 20_000],
    [9, 60_000],
  ])(
    "A fast mirror beside %d of %d bytes a second that are met first brings the file nearly as soon as alone",
    (count, speed) => {
      for (const peers of [
        [...slowOnes(count, speed), fast],
        [fast, ...slowOnes(count, speed)],
      ]) {
        const { outcome, makespanMs } = run(...peers);
        expect(outcome).toBe("completed");
        expect(makespanMs).toBeLessThan(1.3 * alone.makespanMs);
      }
    },
  );

  it("A fast mirror is tried before a hundred slow ones are, but these are not tried one after the other", () => {
    const { makespanMs, events } = simulateSwarm({ peers: slowOnes(100, 50_000), chunks: 12, chunkBytes, seed: 1 });
    const takeOvers = events.filter(({ type }) => type === "hedge-started").length;
    expect(takeOvers).toBeLessThanOrEqual(8 + Math.ceil(makespanMs / 1000));
  });
});

describe("A hundred equal mirrors of a small file", () => {
  it("A hundred equal mirrors of a small file are asked no more often than it has chunks", () => {
    const peers = Array.from({ length: 100 }, (_, i) => mirror(`mirror ${i}`, 1_000_000));
    expect(asked(simulateSwarm({ peers, chunks: 12, chunkBytes, seed: 1 }))).toBe(12);
  });
});

describe("A mirror that takes so many requests at once and refuses more", () => {
  it.each([1, 2, 3])(
    "A mirror that takes %d requests at once and refuses more is asked so many after a handful of refusals, and none of those served rests for them",
    (most) => {
      const limited = run(mirror("limited", 2_000_000, { maxRequests: most }));
      expect(limited.outcome).toBe("completed");
      expect(failures(limited)).toBeLessThanOrEqual(5);
      // On one connection each chunk waits for its round trip.
      expect(limited.makespanMs).toBeLessThan(1.1 * alone.makespanMs + (most === 1 ? 30 * chunks : 0));
    },
  );

  it("A mirror that refuses more requests is tried with one more only now and then, and takes it when it may", () => {
    const limit = { maxRequests: 2 };
    const long = simulateSwarm({ peers: [mirror("limited", 100_000, limit)], chunks: 400, chunkBytes, seed: 1 });
    expect(long.makespanMs).toBeGreaterThan(15 * 60_000);
    expect(failures(long)).toBeLessThanOrEqual(10);
  });
});
