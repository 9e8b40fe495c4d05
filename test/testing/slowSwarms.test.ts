import { describe, expect, it } from "vitest";
import type { SwarmPeer, SwarmRun } from "../../src/testing.js";
import { simulateSwarm } from "../../src/testing.js";
import { someOf } from "./seeds.js";

const kib = 1024;
const chunkBytes = 256 * kib;
const whole = chunkBytes;

interface Swarm {
  readonly peers: readonly SwarmPeer[];
  readonly chunks: number;
}

const run = ({ peers, chunks }: Swarm, parallelRetries: boolean): SwarmRun =>
  simulateSwarm({
    peers,
    chunks,
    chunkBytes,
    seed: 1,
    config: { parallelRetries, retry: { maxConcurrentChunks: 16 } },
  });

const both = (swarm: Swarm) => ({ ours: run(swarm, true), plain: run(swarm, false) });

const failuresOf = ({ events }: SwarmRun): readonly object[] =>
  events.filter(({ type }) => type === "attempt-failed" || type === "peer-blacklisted");

describe("peers that are slow and have no fault", () => {
  const swarms = [1, 3, 8, 16].flatMap((count) =>
    [15, 40, 100].flatMap((speed) => [16 * kib, 64 * kib, whole].map((pieceBytes) => ({ count, speed, pieceBytes }))),
  );

  // Of every fourth, each speed meets each size of pieces.
  it.each(someOf(swarms))(
    "Peers without a fault, $count of $speed KB/s, in pieces of $pieceBytes bytes, are not blamed, and second legs cost no time",
    (swarm) => {
      const { count, speed, pieceBytes } = swarm;
      const peers = Array.from({ length: count }, () => ({ bytesPerSecond: 1000 * speed, pieceBytes }));
      const { ours, plain } = both({ peers, chunks: count * Math.ceil(speed / 4) + 1 });
      expect(ours.outcome).toBe("completed");
      // Nobody can know that a first piece of an unknown peer takes longer than 10 s: once or twice for each peer.
      const isUnknowable = (1000 * pieceBytes) / (1000 * speed) > 10_000;
      expect(ours.makespanMs).toBeLessThanOrEqual((isUnknowable ? 1.25 : 1.2) * plain.makespanMs);
      expect(failuresOf(ours).length).toBeLessThanOrEqual(isUnknowable ? 2 * count : 0);
    },
  );
});

describe("peers that all fall to a fiftieth together, as behind a line of ours that falls", () => {
  const falling = (count: number, speed: number, pieceBytes: number): readonly SwarmPeer[] =>
    Array.from({ length: count }, (_, i) => ({
      pieceBytes,
      bytesPerSecond: [
        { atMs: 0, bytesPerSecond: speed * (1 + i / count) },
        { atMs: 10_000, bytesPerSecond: (speed * (1 + i / count)) / 50 },
      ],
    }));

  it.each(someOf([16 * kib, 64 * kib, whole]))(
    "Peers that all fall are not blacklisted, and cost no time, in pieces of %d bytes",
    (pieceBytes) => {
      const { ours, plain } = both({ peers: falling(4, 1_500_000, pieceBytes), chunks: 370 });
      expect(ours.outcome).toBe("completed");
      expect(ours.makespanMs).toBeLessThanOrEqual(1.2 * plain.makespanMs);
      expect(ours.events.filter(({ type }) => type === "peer-blacklisted")).toEqual([]);
    },
  );

  it("Peers that all fall are not stopped for it where their pieces are small", () => {
    expect(failuresOf(run({ peers: falling(4, 1_500_000, 16 * kib), chunks: 370 }, true))).toEqual([]);
  });
});
