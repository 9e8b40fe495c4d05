import type { SchedulerLike } from "rxjs";
import { throwError } from "rxjs";
import { beforeAll, describe, expect, it } from "vitest";
import type { PeerScript } from "../../src/adapters/memory/scriptedPeer.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { adaptiveRetries } from "../../src/download/ChunkTransfers.js";
import { resolveConfig } from "../../src/download/DownloadConfig.js";
import type { DownloadConfig } from "../../src/download/DownloadConfig.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Manifest } from "../../src/manifest/Manifest.js";
import type { Peer } from "../../src/peers/Peer.js";
import { chance } from "../chance.js";
import type { Told } from "./swarm.js";
import { manifestOf, play, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

describe("adaptiveRetries", () => {
  it.each([
    [1, 1],
    [0.97, 1],
    [0.96, 2],
    [0.9, 2],
    [0.89, 3],
    [0.8, 4],
    [0.7, 5],
    [0.5, 6],
    [0.1, 6],
    [0, 6],
  ])("Retries that a chunk is worth at a success rate of %d are %d", (successRate, retries) => {
    expect(adaptiveRetries({ successRate, configured: 3, plenty: true })).toBe(retries);
    expect(adaptiveRetries({ successRate, configured: 1000, plenty: false })).toBe(retries);
  });

  it("Retries that a chunk is worth are no more than configured when the bucket is half empty", () => {
    expect(adaptiveRetries({ successRate: 0.5, configured: 3, plenty: false })).toBe(3);
    expect(adaptiveRetries({ successRate: 0.99, configured: 3, plenty: false })).toBe(1);
  });

  it("A chunk is worth no retries when none are configured", () => {
    expect(adaptiveRetries({ successRate: 0.5, configured: 0, plenty: true })).toBe(0);
  });
});

const bytes = someBytes(500 * 100);
let manifest: Manifest;
beforeAll(async () => {
  manifest = await manifestOf(bytes, 100);
});

/** Three peers, of which requests fail with this likelihood. */
function swarm(failing: number, config: DownloadConfig): Told {
  const random = chance(1);
  const peers = (scheduler: SchedulerLike): readonly Peer[] =>
    ["A", "B", "C"].map((id) => {
      const good = scriptedPeer(id, bytes, { scheduler, roundTripMs: 20 });
      const bad = throwError(() => new DownloadError("PEER_UNAVAILABLE", `${id} is not well`));
      return { ...good, request: (range) => (random() < failing ? bad : good.request(range)) };
    });
  return play(peers, { manifest, config, random: () => 1 });
}

/** The numbers of retries that were in force, in the order in which retries were due. */
const inForce = (told: Told): readonly number[] => told.of("retry-scheduled").map(({ maxRetries }) => maxRetries);

describe("the adaptive policy", () => {
  it("The adaptive policy retries once in a healthy swarm", () => {
    const told = swarm(0.01, { policy: "adaptive", parallelRetries: false });
    expect(told.completed).toBe(true);
    expect(inForce(told).length).toBeGreaterThan(2);
    expect(new Set(inForce(told).slice(1))).toEqual(new Set([1]));
  });

  it("The adaptive policy allows six retries in a poor swarm, and no more than configured once the bucket is half empty", () => {
    const told = swarm(0.6, { policy: "adaptive" });
    expect(told.completed).toBe(true);
    expect(new Set(inForce(told))).toEqual(new Set([6, 3]));
  });

  it("The adaptive policy brings a chunk at its sixth retry that the standard policy gives up", async () => {
    const one = await manifestOf(bytes, bytes.length);
    const peers = ["A", "B"].map((id) =>
      turns(id, bytes, [...Array<PeerScript>(3).fill({ refuseWith: "TIMEOUT" }), {}]),
    );
    const told = play(() => peers, { manifest: one, config: { policy: "adaptive", parallelRetries: false } });
    expect(told.completed).toBe(true);
    expect(told.of("retry-scheduled").map(({ retry, maxRetries }) => `${retry}/${maxRetries}`)).toEqual(
      [1, 2, 3, 4, 5, 6].map((retry) => `${retry}/6`),
    );
    const { error } = play(() => ["A", "B"].map((id) => scriptedPeer(id, bytes, { refuseWith: "TIMEOUT" })), {
      manifest: one,
    });
    expect(error).toMatchObject({ code: "RETRIES_EXHAUSTED", attempt: 4 });
  });

  it("The adaptive policy keeps peers out for 15 s at first, twice as long each time, up to the configured time", () => {
    const told = swarm(0.75, { policy: "adaptive", retry: { peerBlacklistDurationSecs: 40 } });
    const outs = told.of("peer-blacklisted").filter(({ peer, probing }) => peer === "A" && probing !== true);
    const seconds = outs.map(({ at, untilMs = 0 }) => (untilMs - at) / 1000);
    expect(seconds.slice(0, 4)).toEqual([15, 30, 40, 40]);
  });

  it("The adaptive policy spreads the waits by a fifth, where no jitter is configured", () => {
    const firstWaits = (config: DownloadConfig) =>
      new Set(
        swarm(0.3, config)
          .of("retry-scheduled")
          .flatMap(({ retry, delayMs }) => (retry === 1 ? [delayMs] : [])),
      );
    expect(firstWaits({ policy: "adaptive" })).toEqual(new Set([1200]));
    expect(firstWaits({ policy: "adaptive", retry: { jitter: 0 } })).toEqual(new Set([1000]));
    const { retry } = resolveConfig({ policy: "adaptive" });
    expect(retry.jitter).toBe(0.2);
    expect(resolveConfig({ policy: "adaptive", retry: { jitter: "none" } }).retry.jitter).toBe("none");
    expect(resolveConfig({}).retry.jitter).toBe("none");
  });

  it("The standard policy has the configured retries and blacklists, unlike the adaptive one", () => {
    const told = swarm(0.6, {});
    expect(new Set(inForce(told))).toEqual(new Set([3]));
    const [first] = told.of("peer-blacklisted");
    expect((first?.untilMs ?? 0) - (first?.at ?? 0)).toBe(300_000);
  });
});
