import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { type PeerScript, scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { RetryConfig } from "../../src/download/RetryConfig.js";
import { manifestOf, play, someBytes } from "../download/swarm.js";

const kib = 1024;
const file = someBytes(100 * kib);
const manifest = await manifestOf(file, 100 * kib);
/** The chunk takes 100 s, an attempt may take 60 s. */
const slow: PeerScript = { bytesPerSecond: kib, pieceBytes: kib };

function get(script: PeerScript, parallelRetries: boolean, retry: Partial<RetryConfig> = {}) {
  const scheduler = new VirtualTimeScheduler();
  const peer = scriptedPeer("A", file, { ...script, scheduler });
  const config = { parallelRetries, retry: { maxChunkRetries: 0, ...retry } };
  return play(() => [peer], { manifest, scheduler, config });
}

describe.each([true, false])("a peer that gives the file only as a whole, where parallelRetries is %s", (parallel) => {
  it("A peer of wholes may take any time for a chunk, as long as it flows", () => {
    const told = get({ ...slow, ranges: false }, parallel);
    expect(told.of("attempt-failed")).toEqual([]);
    expect([told.completed, told.endedAt]).toEqual([true, 100_000]);
  });

  it("A peer of wholes that brings next to nothing in the time of an attempt has failed, as one that can start in the middle", () => {
    const told = get({ bytesPerSecond: 1, pieceBytes: 1, ranges: false }, parallel);
    expect(told.of("attempt-failed")[0]).toMatchObject({ code: "TIMEOUT", at: 60_000 });
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED", cause: { code: "TIMEOUT" } });
  });

  it("A peer of wholes fails when it is silent for as long as an attempt may take", () => {
    const told = get({ hang: true, ranges: false }, parallel);
    const [first] = told.of("attempt-failed");
    expect(first?.code).toBe("STALLED");
    expect(first?.at).toBeLessThanOrEqual(60_000);
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
  });
});

describe("a peer that can start in the middle", () => {
  it("A peer that can start in the middle has the time of an attempt and no more", () => {
    expect(get(slow, false).of("attempt-failed")[0]).toMatchObject({ code: "TIMEOUT", at: 60_000 });
  });
});

describe("A chunk whose time is over", () => {
  it.each([true, false])(
    "A chunk whose time is over ends the attempt under way, where parallelRetries is %s",
    (parallel) => {
      const told = get({ hang: true }, parallel, { chunkDeadlineSecs: 5, maxChunkRetries: 3 });
      expect(told.of("attempt-cancelled")).toMatchObject([{ peer: "A", at: 5000 }]);
      expect(told.of("attempt-failed")).toMatchObject([{ peer: "A", code: "TIMEOUT", at: 5000, continued: false }]);
      expect(told.error).toMatchObject({ code: "CHUNK_DEADLINE", cause: { code: "TIMEOUT" } });
    },
  );
});
