import { describe, expect, it } from "vitest";
import type { SwarmConfig, SwarmPeer } from "../../src/testing.js";
import { simulateSwarm } from "../../src/testing.js";

const healthy: SwarmPeer = { bytesPerSecond: 1_000_000 };
const swarm = (config: Partial<SwarmConfig>) =>
  simulateSwarm({ peers: [healthy, healthy], chunks: 40, seed: 1, ...config });

describe("a simulated swarm", () => {
  it("A simulated swarm is downloaded by the real download, to the last right byte, in no time", () => {
    const run = swarm({});
    expect(run).toMatchObject({ outcome: "completed", error: undefined, pending: 0, openLegs: 0, bytesRight: true });
    expect(run.rightChunks).toBe(40);
    expect(run.events.at(0)?.type).toBe("download-started");
    expect(run.events.at(-1)?.type).toBe("download-completed");
    expect(run.account?.bytesByPeer).toEqual(run.served);
    // 10.5 MB at 2 MB/s
    expect(run.makespanMs).toBeGreaterThan(5242);
    expect(run.makespanMs).toBeLessThan(6500);
  });

  it("A simulated swarm gives the same events for the same seed, and others for another one", () => {
    const peers = [healthy, { ...healthy, breaks: 0.3, corrupts: 0.1 }, { ...healthy, stalls: 0.2 }];
    const first = swarm({ peers });
    expect(swarm({ peers })).toEqual(first);
    expect(swarm({ peers, seed: 2 }).events).not.toEqual(first.events);
  });

  it("A simulated swarm survives every fault there is, as long as one peer serves", () => {
    const run = swarm({
      peers: [
        healthy,
        { ...healthy, corrupts: 1 },
        { ...healthy, breaks: 0.5 },
        { ...healthy, stalls: 0.5 },
        { ...healthy, lossesAtMs: [300, 900] },
        { ...healthy, away: [{ fromMs: 400, untilMs: 800 }] },
        { ...healthy, refusals: [{ code: "PEER_BUSY", untilMs: 500, retryAfterMs: 200 }] },
        { ...healthy, refusals: [{ code: "FILE_NOT_FOUND" }] },
        { ...healthy, has: (chunk) => chunk % 2 === 0, tells: false },
      ],
      config: { retry: { chunkTimeoutSecs: 5 } },
    });
    expect(run).toMatchObject({ outcome: "completed", bytesRight: true, pending: 0, openLegs: 0 });
    const types = new Set(run.events.map(({ type }) => type));
    for (const type of ["peer-quarantined", "peer-excluded", "peer-left", "peer-busy", "attempt-failed"] as const) {
      expect(types).toContain(type);
    }
    expect(run.account?.bytesByPeer).toMatchObject(
      Object.fromEntries(Object.entries(run.served).filter(([, bytes]) => bytes > 0)),
    );
  });

  it("A simulated swarm fails with the cause when all peers are lost", () => {
    const run = swarm({ peers: [{ ...healthy, refusals: [{ code: "AUTH_FAILED" }] }] });
    expect(run).toMatchObject({ outcome: "failed", error: { code: "AUTH_FAILED" }, bytesRight: false, rightChunks: 0 });
  });

  it("A simulated swarm pauses when it is told to", () => {
    const run = swarm({ pauseAtMs: 2000 });
    expect(run).toMatchObject({ outcome: "paused", makespanMs: 2000, pending: 0, openLegs: 0 });
    expect(run.events.at(-1)?.type).toBe("download-paused");
    expect(run.rightChunks).toBeGreaterThan(5);
  });

  it("A simulated swarm is left in the middle of an event, and nothing goes on", () => {
    const run = swarm({ unsubscribeAt: 30 });
    expect(run).toMatchObject({ outcome: "unsubscribed", told: 30, pending: 0, openLegs: 0, account: undefined });
    expect(run.events).toHaveLength(30);
  });

  it("A simulated swarm says so when it does not end", () => {
    const silent = { ...healthy, bytesPerSecond: 0 };
    const run = swarm({ peers: [silent], untilMs: 10_000 });
    expect(run).toMatchObject({ outcome: "unfinished", openLegs: 1, bytesRight: false });
    expect(run.pending).toBeGreaterThan(0);
  });

  it("A simulated swarm keeps no events where that is not wanted, but shows them", () => {
    let seen = 0;
    const run = swarm({ keepEvents: false, onEvent: () => seen++ });
    expect(run.events).toEqual([]);
    expect(run.told).toBe(seen);
    expect(seen).toBeGreaterThan(40);
  });

  it("A simulated swarm takes a file with a shorter last chunk, and an empty one", () => {
    expect(swarm({ lastChunkBytes: 1 }).account?.verified).toBe(39 * 262_144 + 1);
    expect(swarm({ chunks: 0 })).toMatchObject({ outcome: "completed", bytesRight: true });
  });

  it("A simulated swarm waits for peers that come later", () => {
    const run = swarm({ peers: [{ ...healthy, away: [{ untilMs: 7000 }] }] });
    expect(run.outcome).toBe("completed");
    expect(run.makespanMs).toBeGreaterThan(17_000);
  });

  it("A simulated swarm is no faster than the downlink", () => {
    expect(swarm({ downlinkBytesPerSecond: 1_000_000 }).makespanMs).toBeGreaterThan(10_485);
  });

  it.each([
    [{ chunks: -1 }, "chunks is -1; it must be a whole number"],
    [{ lastChunkBytes: 0 }, "lastChunkBytes is 0; it must be from 1 to 262144"],
  ])("A simulated swarm refuses %j", (config, message) => {
    expect(() => swarm(config)).toThrow(new RangeError(message));
  });
});
