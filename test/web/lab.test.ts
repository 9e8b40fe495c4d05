import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { resolveRetryConfig } from "../../src/index.js";
import { record } from "../../web/src/lab/Recording.js";
import { swarmPeer, swarms } from "../../web/src/lab/swarms.js";
import { testOf } from "../../web/src/lab/testOf.js";
import { fieldsOf, readRetry } from "../../web/src/settings/readRetry.js";
import { plannedAttempts } from "../../web/src/settings/waitsOf.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
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

  it("A peer that goes and comes back is away in between", () => {
    const peer = swarmPeer({ id: "P", rate: 1, roundTrip: 0, breaks: 0, stalls: 0, lies: 0, goes: 5, back: 25 });
    expect(peer.away).toEqual([{ fromMs: 5000, untilMs: 25_000 }]);
  });

  it("The test that a race gives away passes, with marbles for the waits", () => {
    const retry = { maxChunkRetries: 2, initialBackoffMs: 200 };
    const folder = join(root, "test", "web", `given-${process.pid}`);
    mkdirSync(folder);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const doors = { operators: "operators", testing: "testing" };
    let text = testOf(retry, course, record(course, { retry })).replace('"rx-tributary"', '"../../../src/index.js"');
    for (const door of Object.values(doors)) text = text.replace(`"rx-tributary/${door}"`, `"../../../src/${door}.js"`);
    writeFileSync(join(folder, "given.test.ts"), text);
    const words = ["vitest", "run", join(folder, "given.test.ts"), "--coverage.enabled=false", "--reporter=json"];
    const report = JSON.parse(execFileSync("npx", words, { cwd: root, encoding: "utf8", stdio: "pipe" })) as {
      readonly numPassedTests: number;
    };
    expect(report.numPassedTests).toBe(2);
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
