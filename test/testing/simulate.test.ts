import { describe, expect, it } from "vitest";
import { drawSwarm } from "../../bench/simulate/drawSwarm.js";
import { laws } from "../../bench/simulate/laws/laws.js";
import { trySeed } from "../../bench/simulate/trySeed.js";
import type { DownloadEvent, DownloadEventOf } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { SwarmConfig, SwarmRun } from "../../src/testing/simulateSwarm.js";
import { simulateSwarm } from "../../src/testing/simulateSwarm.js";
import { seeds } from "./seeds.js";

describe("random swarms with random faults", () => {
  it("Random swarms with random faults break no law", async () => {
    const broken: object[] = [];
    for (const seed of seeds) {
      const { breaches } = await trySeed(seed);
      broken.push(...breaches.map((breach) => ({ seed, ...breach })));
    }
    expect(broken).toEqual([]);
  }, 300_000);

  it("Random swarms see all ways to end", async () => {
    const outcomes = new Set<string>();
    for (const seed of [1, 9, 34]) for (const { outcome } of (await trySeed(seed)).runs) outcomes.add(outcome);
    expect([...outcomes].sort()).toEqual(["completed", "failed", "paused", "unsubscribed"]);
  });

  it("A swarm breaks no law where a peer's failure ends another leg of it, and with that the download", async () => {
    expect((await trySeed(2239)).breaches).toEqual([]);
  });

  it("A swarm of a seed is the same each time", async () => {
    expect(await trySeed(7)).toEqual(await trySeed(7));
    expect(drawSwarm(7)).not.toEqual(drawSwarm(8));
  });
});

const config: SwarmConfig = {
  peers: [{ bytesPerSecond: 1e6 }, { bytesPerSecond: 1e6, breaks: 0.3 }],
  chunks: 12,
  chunkBytes: 65_536,
  seed: 3,
  config: { retry: { maxTotalRetries: 2, maxChunkRetries: 1 } },
};
const honest = simulateSwarm(config);
const breachesOf = (run: SwarmRun): readonly string[] =>
  laws.flatMap(({ name, broken }) => (broken(run, config) === undefined ? [] : [name]));

const [at, attempt, leg, chunk, peer] = [0, 0, 0, 3, "P0"];
const started = { type: "attempt-started", at, chunk, attempt, leg, peer, offset: 0 } as const;
const failed: DownloadEventOf<"attempt-failed"> = {
  ...started,
  type: "attempt-failed",
  code: "TIMEOUT",
  verdict: "retry",
  message: "",
  received: 0,
  continued: false,
};
const retry = { type: "retry-scheduled", at, chunk, retry: 1, maxRetries: 1, delayMs: 1 } as const;
const blacklisted = { type: "peer-blacklisted", at, peer, code: "TIMEOUT", untilMs: 9 } as const;
const verified = { type: "chunk-verified", at, chunk, bytes: 65_536, peers: {}, attempts: 1, elapsedMs: 1 } as const;
const endOf = (run: SwarmRun): DownloadEvent => run.events.at(-1) as DownloadEvent;

/** What the honest run would look like if these had happened before anything else. */
const before = (...events: readonly DownloadEvent[]): Partial<SwarmRun> => ({ events: [...events, ...honest.events] });

const doctored: readonly (readonly [law: string, Partial<SwarmRun>])[] = [
  ["it ends", { outcome: "unfinished", account: undefined }],
  ["exactly one terminal event, and it is the last", { events: [...honest.events, endOf(honest)] }],
  ["exactly one terminal event, and it is the last", { events: honest.events.slice(0, -1) }],
  ["exactly one terminal event, and it is the last", { outcome: "paused" }],
  ["exactly one terminal event, and it is the last", before(endOf({ ...honest }))],
  ["whoever has ended, or was left, has no timer and no request", { pending: 1 }],
  ["whoever has ended, or was left, has no timer and no request", { openLegs: 1 }],
  ["every leg that was told to begin is told to end", before({ ...started, chunk: 99 })],
  ["events come in the order of time", before({ type: "notice", at: 1, message: "" })],
  ["it fails only for what has happened", { outcome: "failed", error: new DownloadError("UNKNOWN", "a bug") }],
  ["it fails only for what has happened", { outcome: "failed", error: new DownloadError("AUTH_FAILED", "a bug") }],
  ["what is verified is right, and all of it when it completes", { bytesRight: false }],
  ["what is verified is right, and all of it when it completes", { rightChunks: 11 }],
  ["a chunk is verified once", before(verified)],
  [
    "verified bytes never go backwards and never exceed the size",
    { account: { ...accountOf(honest), done: 1, verified: 1 } },
  ],
  ["the account is that of the peers", { served: { ...honest.served, P0: 1 } }],
  ["the account is that of the peers", { account: { ...accountOf(honest), received: 1 } }],
  ["the account is that of the peers", { account: { ...accountOf(honest), waste: { restart: 1 } } }],
  [
    "nobody who is quarantined or excluded is asked",
    before({ type: "peer-quarantined", at, peer, code: "INVALID_CHUNK" }, started),
  ],
  ["nobody who is quarantined or excluded is asked", before({ type: "peer-excluded", at, peer, code: "AUTH_FAILED" })],
  ["a busy peer gets its rest", before({ type: "peer-busy", at, peer, code: "PEER_BUSY", untilMs: 1 }, started)],
  ["a blacklisted peer is asked only to probe it, once at a time", before(blacklisted, started)],
  [
    "a blacklisted peer is asked only to probe it, once at a time",
    before({ ...blacklisted, probing: true }, started, { ...started, chunk: 4 }),
  ],
  ["a leg ends with the peer it was begun with", before(started, { ...failed, peer: "P1" })],
  ["a leg ends with the peer it was begun with", before(failed)],
  ["a chunk has no two legs on one peer at once", before(started, { ...started, leg: 1 })],
  ["a chunk has at most maxChunkRetries in a round, counted one by one", before({ ...retry, retry: 2 })],
  [
    "all chunks together are retried at most maxTotalRetries times",
    before(retry, started, retry, started, retry, started),
  ],
  ["at most maxConcurrentChunks requests are open, maxChunksPerPeer of them at one peer", { mostLegs: 9 }],
  [
    "at most maxConcurrentChunks requests are open, maxChunksPerPeer of them at one peer",
    { mostLegsByPeer: { P0: 9 } },
  ],
];

function accountOf({ account }: SwarmRun): NonNullable<SwarmRun["account"]> {
  if (account === undefined) throw new Error("the run has an end");
  return account;
}

describe("the laws", () => {
  it("The laws find nothing in an honest run", () => {
    expect(honest.outcome).toBe("completed");
    expect(breachesOf(honest)).toEqual([]);
  });

  it.each(doctored)("The laws find out that '%s' does not hold, %#", (law, lie) => {
    expect(breachesOf({ ...honest, ...lie })).toContain(law);
  });

  it("All laws are tried", () => {
    expect(new Set(doctored.map(([law]) => law))).toEqual(new Set(laws.map(({ name }) => name)));
  });

  it("The laws let a probe fail, be followed by another, and end", () => {
    const probing = { ...blacklisted, probing: true } as const;
    const again = { ...started, chunk: 4 };
    const [over, restored] = [{ ...failed, continued: true }, { type: "peer-restored", at, peer } as const];
    expect(breachesOf({ ...honest, ...before(probing, started, over, again, restored) })).toEqual([]);
    // The slot of a probe may be given away in the moment before its failure is told.
    expect(breachesOf({ ...honest, ...before(probing, started, again, over, restored) })).toEqual([]);
  });
});
