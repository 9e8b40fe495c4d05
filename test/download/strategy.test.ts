import type { SchedulerLike } from "rxjs";
import { beforeAll, describe, expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { DownloadConfig } from "../../src/download/DownloadConfig.js";
import { chunkCount } from "../../src/manifest/chunks.js";
import type { Manifest } from "../../src/manifest/Manifest.js";
import type { Contender } from "../../src/peers/strategies.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const bytes = someBytes(40 * 10_000);
let manifest: Manifest;
beforeAll(async () => {
  manifest = await manifestOf(bytes, 10_000);
});

/** The share of the file that a fast peer brought, beside one of a fifth of its speed that answers sooner. One request at a time, and nobody takes over. */
function shareOfFast(strategy: NonNullable<DownloadConfig["strategy"]>, random?: () => number): number {
  const peers = (scheduler: SchedulerLike) => [
    scriptedPeer("slow", bytes, { scheduler, bytesPerSecond: 20_000, roundTripMs: 5 }),
    scriptedPeer("fast", bytes, { scheduler, bytesPerSecond: 100_000, roundTripMs: 10 }),
  ];
  // Without help from the fast one, which would take over.
  const config = { strategy, parallelRetries: false, retry: { maxConcurrentChunks: 1 } };
  const told = play(peers, { manifest, config, ...(random && { random }) });
  expect(told.completed).toBe(true);
  const brought = told.of("chunk-verified").filter(({ peers: by }) => "fast" in by);
  return brought.length / chunkCount(manifest);
}

describe("the strategy of a download", () => {
  it("The strategy of a download is the one that is named", () => {
    expect(shareOfFast("fastest")).toBeGreaterThan(0.9);
    expect(shareOfFast("balanced")).toBeGreaterThan(0.9);
    expect(shareOfFast("load-balanced")).toBe(0.5);
  });

  it("The strategy of a download may be a function, which is told of each peer what it may know", () => {
    const seen: Contender[] = [];
    const slowest = (contender: Contender): number => {
      seen.push(contender);
      return contender.record.bytesPerSecond ?? 0;
    };
    expect(shareOfFast(slowest)).toBeLessThan(0.1);
    expect(seen.every(({ chunkBytes }) => chunkBytes === 10_000)).toBe(true);
    expect(seen.some(({ inFlight }) => inFlight === 1)).toBe(true);
    expect(Math.max(...seen.map(({ bytes: brought }) => brought))).toBeGreaterThan(300_000);
  });

  it.each([
    [() => NaN, "the strategy scores A with NaN; it must be a number"],
    [() => "1" as unknown as number, "the strategy scores A with 1; it must be a number"],
    [
      () => {
        throw new Error("no idea");
      },
      "no idea",
    ],
  ])("A strategy that is wrong ends the download: %s", (strategy, message) => {
    const told = play(() => [scriptedPeer("A", bytes)], { manifest, config: { strategy } });
    expect(told.error).toMatchObject({ code: "UNKNOWN", message });
    expect(told.of("download-failed")).toHaveLength(1);
  });

  it("A strategy draws from the download's own chance", () => {
    let draws = 0;
    const random = (): number => {
      draws++;
      return (draws * 0.618) % 1;
    };
    expect(shareOfFast("thompson", random)).toBeGreaterThan(0.5);
    expect(draws).toBeGreaterThan(80);
  });
});
