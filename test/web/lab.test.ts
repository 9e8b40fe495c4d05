import { describe, expect, it } from "vitest";
import { resolveRetryConfig } from "../../src/index.js";
import { record } from "../../web/src/lab/Recording.js";
import { swarmPeer, swarms } from "../../web/src/lab/swarms.js";
import { fieldsOf, readRetry } from "../../web/src/settings/readRetry.js";
import { plannedAttempts } from "../../web/src/settings/waitsOf.js";

const course = { peers: (swarms["Everybody breaks"] ?? []).map(swarmPeer), chunks: 60, chunkBytes: 262_144, seed: 1 };

describe("a race", () => {
  it.each(Object.entries(swarms))("Each swarm to begin with can be raced on: %s", (_, peers) => {
    const { frames, outcome } = record({ ...course, peers: peers.map(swarmPeer) }, {});
    expect(outcome).toBe("completed");
    expect(frames.at(-1)?.done).toBe(60 * 262_144);
  });

  it("A recording has at most 400 frames, in order of time, however long the race is", () => {
    const slow = [
      swarmPeer({ id: "slow", rate: 0.05, roundTrip: 0.1, breaks: 5, stalls: 0, lies: 0, goes: 0, back: 0 }),
    ];
    const { frames, makespanMs } = record({ ...course, peers: slow }, {});
    expect(makespanMs).toBeGreaterThan(300_000);
    expect(frames.length).toBeLessThanOrEqual(401);
    const times = frames.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("The race that the lab begins with is won by second requests, and lost by waits and retries", () => {
    const day = { ...course, peers: (Object.values(swarms)[0] ?? []).map(swarmPeer), chunks: 120 };
    const [a, b] = [record(day, {}), record(day, { retry: { chunkTimeoutSecs: 10 }, parallelRetries: false })];
    expect(b.makespanMs).toBeGreaterThan(1.5 * a.makespanMs);
    expect(b.retries).toBeGreaterThan(a.retries);
    expect(a.switches).toBeGreaterThan(0);
  });

  it("A peer that goes and comes back is away in between", () => {
    const peer = swarmPeer({ id: "P", rate: 1, roundTrip: 0, breaks: 0, stalls: 0, lies: 0, goes: 5, back: 25 });
    expect(peer.away).toEqual([{ fromMs: 5000, untilMs: 25_000 }]);
  });
});

describe("a policy in a form", () => {
  it("An empty field is the default, and a wrong one says what would be right", () => {
    const { given, wrong } = readRetry({
      maxChunkRetries: " 5 ",
      jitter: "full",
      initialBackoffMs: "",
      maxBackoffMs: "x",
    });
    expect(given).toEqual({ maxChunkRetries: 5, jitter: "full" });
    expect(wrong).toEqual({ maxBackoffMs: expect.stringContaining("it must be a number from 0") as string });
    expect(fieldsOf({ maxChunkRetries: 5, jitter: "full" })).toEqual({ maxChunkRetries: "5", jitter: "full" });
  });

  it("The preview has the attempts at the times and peers that the policy gives", () => {
    expect(plannedAttempts(resolveRetryConfig({}))).toEqual([
      { attempt: 1, atMs: 0, waitMs: 0, peer: 0 },
      { attempt: 2, atMs: 1000, waitMs: 1000, peer: 0 },
      { attempt: 3, atMs: 3000, waitMs: 2000, peer: 0 },
      { attempt: 4, atMs: 7000, waitMs: 4000, peer: 1 },
    ]);
    expect(plannedAttempts(resolveRetryConfig({ maxChunkRetries: 1000 }))).toHaveLength(12);
  });
});
