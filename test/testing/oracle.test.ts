import { describe, expect, it } from "vitest";
import { lowerBoundMs, mostPerSecond } from "../../bench/simulate/oracle.js";
import { simulateRoundRobin } from "../../bench/simulate/roundRobin.js";
import type { SwarmPeer } from "../../src/testing.js";
import { simulateSwarm } from "../../src/testing.js";

const slots = { slots: 1, slotsPerPeer: 8, chunkBytes: 100_000 };
const at = (atMs: number, bytesPerSecond: number) => ({ atMs, bytesPerSecond });

const steady = { bytesPerSecond: 1e6, roundTripMs: 100 };
const near = { bytesPerSecond: 1e6, roundTripMs: 0 };

interface ByHand {
  readonly what: string;
  readonly boundMs: number;
  readonly peers: readonly SwarmPeer[];
  readonly change?: Partial<typeof slots>;
}

const byHand: readonly ByHand[] = [
  // 100 kB in 0.1 s and a round trip of 0.1 s: half the speed
  { what: "one slot waits a round trip for each chunk", boundMs: 2000, peers: [steady] },
  { what: "a second slot fills the round trips", boundMs: 1000, peers: [steady], change: { slots: 2 } },
  { what: "a third one brings nothing", boundMs: 1000, peers: [steady], change: { slots: 3 } },
  { what: "it may not be given", boundMs: 2000, peers: [steady], change: { slots: 2, slotsPerPeer: 1 } },
  {
    what: "the only slot goes to the better peer",
    boundMs: 1000,
    peers: [{ bytesPerSecond: 1e6 }, { bytesPerSecond: 2e6, roundTripMs: 50 }],
  },
  {
    what: "the second slot goes where it gains most, to 0.8 MB/s rather than another 0.5",
    boundMs: 1e6 / 1300,
    peers: [steady, { bytesPerSecond: 800_000, roundTripMs: 0 }],
    change: { slots: 2 },
  },
  {
    what: "a speed that falls counts until it falls",
    boundMs: 5500,
    peers: [{ ...near, bytesPerSecond: [at(0, 1e6), at(500, 1e5)] }],
  },
  {
    what: "one that grows counts from a round trip before",
    boundMs: 900,
    peers: [{ ...steady, bytesPerSecond: [at(0, 0), at(500, 2e6)] }],
    change: { slots: 9 },
  },
  {
    what: "who is away brings nothing",
    boundMs: 1700,
    peers: [{ ...near, away: [{ fromMs: 100, untilMs: 800 }] }],
  },
  { what: "who lies brings nothing", boundMs: Infinity, peers: [{ ...near, corrupts: 1 }] },
  { what: "who is gone brings nothing more", boundMs: Infinity, peers: [{ ...near, away: [{ fromMs: 999 }] }] },
];

describe("the oracle", () => {
  it.each(byHand)("The oracle knows that $what", ({ boundMs, peers, change }) => {
    expect(lowerBoundMs(1_000_000, peers, { ...slots, ...change })).toBeCloseTo(boundMs, 6);
  });

  it("The oracle knows what can come at a moment", () => {
    expect(mostPerSecond([{ bytesPerSecond: 1e6, roundTripMs: 100 }], 0, slots)).toBe(500_000);
    expect(mostPerSecond([], 0, slots)).toBe(0);
  });

  it("The oracle is met by one slot on one peer, and beaten by nobody", () => {
    const alone = { peers: [{ bytesPerSecond: 1e6, roundTripMs: 100 }], chunks: 50, chunkBytes: 100_000, seed: 1 };
    const boundMs = lowerBoundMs(5_000_000, alone.peers, slots);
    expect(simulateRoundRobin(alone, 1)).toEqual({ makespanMs: boundMs, servedBytes: 5_000_000 });
    const config = { retry: { maxConcurrentChunks: 1 } };
    expect(simulateSwarm({ ...alone, config }).makespanMs).toBe(boundMs);

    for (let seed = 1; seed <= 20; seed++) {
      const peers = Array.from({ length: 3 + (seed % 5) }, (_, i) => ({
        bytesPerSecond: [at(0, 3e5 + 1e5 * ((seed * i) % 17)), at(900, 1e5 + 2e5 * ((seed + i) % 9))],
        roundTripMs: 10 + ((seed * 13 * i) % 90),
      }));
      const most = 1 + (seed % 9);
      const shared = { slots: most, slotsPerPeer: 8, chunkBytes: 100_000 };
      const swarm = { peers, chunks: 60, chunkBytes: 100_000, seed };
      const least = lowerBoundMs(6_000_000, peers, shared);
      const run = simulateSwarm({ ...swarm, config: { retry: { maxConcurrentChunks: most } } });
      expect(run.outcome).toBe("completed");
      expect(run.makespanMs).toBeGreaterThanOrEqual(least);
      expect(simulateRoundRobin(swarm, most).makespanMs).toBeGreaterThanOrEqual(least);
    }
  });
});
