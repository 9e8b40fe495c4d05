import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import type { PeerScript } from "../../src/adapters/memory/scriptedPeer.js";
import type { DownloadConfig } from "../../src/download/DownloadConfig.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, play, someBytes } from "../download/swarm.js";
import type { Told } from "../download/swarm.js";
import { turns } from "../download/turns.js";

const kib = 1024;
const chunk = someBytes(256 * kib);

/** One chunk of 256 KiB from one peer, which follows one script a request. */
async function fetched(scripts: readonly PeerScript[], config: DownloadConfig = {}, untilMs = 1_000_000) {
  const scheduler = new VirtualTimeScheduler();
  const manifest = await manifestOf(chunk, chunk.length);
  const peer = turns(
    "A",
    chunk,
    scripts.map((script) => ({ ...script, pieceBytes: kib, scheduler })),
  );
  const told = play(() => [peer], { manifest, config, scheduler }, untilMs);
  return { told, asked: peer.asked };
}

const begins = (told: Told): readonly (readonly [number, number])[] =>
  told.of("attempt-started").map(({ at, offset }) => [at, offset]);

describe("a leg that breaks after progress", () => {
  it("A leg that breaks after progress is continued from its frontier: the first time at once, then after the first backoff", async () => {
    const { told, asked } = await fetched([{ failAfterBytes: 64 * kib }]);
    expect(begins(told)).toEqual([
      [0, 0],
      [0, 64 * kib],
      [1000, 128 * kib],
      [2000, 192 * kib],
    ]);
    expect(asked[1]).toEqual({ chunk: 0, offset: 64 * kib, length: 192 * kib, position: 64 * kib });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, chunk)).toBe(true);
  });

  it("A continuation uses no retry, is no failure of the peer, and costs no byte twice", async () => {
    const { told } = await fetched([{ failAfterBytes: 16 * kib }]);
    expect(told.of("retry-scheduled")).toEqual([]);
    expect(told.of("peer-blacklisted")).toEqual([]);
    expect(told.of("attempt-failed").map(({ continued }) => continued)).toEqual(Array(15).fill(true));
    const [done] = told.of("download-completed");
    expect(done?.account).toMatchObject({
      received: chunk.length,
      continuations: 15,
      retries: {},
      waste: {},
      recoveredChunks: 0,
    });
  });

  it("A leg that breaks has failed when it brought less than 16 KiB", async () => {
    const { told } = await fetched([{ failAfterBytes: 16 * kib - 1 }]);
    expect(told.of("retry-scheduled").map(({ retry }) => retry)).toEqual([1, 2, 3]);
    expect(told.of("attempt-failed").every(({ continued }) => !continued)).toBe(true);
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
  });

  it("A failed leg keeps what it brought even so: the retry asks for the rest", async () => {
    const { told } = await fetched([{ failAfterBytes: 5 * kib }, {}]);
    expect(begins(told)).toEqual([
      [0, 0],
      [1000, 5 * kib],
    ]);
  });

  it("A leg may bring less than 16 KiB when that is the chunk's rest", async () => {
    // The digest is not asked for what broke: the second leg brings the last kibibyte and then fails.
    const { told } = await fetched([{ failAfterBytes: 255 * kib }, { failAfterBytes: kib }]);
    expect(told.completed).toBe(true);
    expect(told.of("retry-scheduled")).toEqual([]);
  });

  it("A continuation starts time limits again: a peer of 3 KB/s finishes, whatever the limits", async () => {
    const { told } = await fetched([{ bytesPerSecond: 3 * kib }], {
      retry: { chunkTimeoutSecs: 8, chunkDeadlineSecs: 20 },
    });
    expect(told.completed).toBe(true);
    expect(told.endedAt).toBeGreaterThan(85_000);
    expect(told.of("retry-scheduled")).toEqual([]);
  });

  it("A chunk fails for good when the deadline passes without progress", async () => {
    const { told } = await fetched([{ failAfterBytes: 64 * kib }, { hang: true }], {
      retry: { chunkDeadlineSecs: 8 },
    });
    expect(told.error).toMatchObject({ code: "CHUNK_DEADLINE", cause: { code: "STALLED" } });
  });

  it("Without parallel retries a leg that breaks after progress is a failure like any other", async () => {
    const { told } = await fetched([{ failAfterBytes: 64 * kib }, {}], { parallelRetries: false });
    expect(told.of("retry-scheduled")).toMatchObject([{ retry: 1, delayMs: 1000 }]);
    expect(told.of("attempt-failed")).toMatchObject([{ continued: false, received: 64 * kib }]);
    expect(told.completed).toBe(true);
  });
});

describe("bytes that are fetched again", () => {
  it("Bytes that are fetched again are no progress", async () => {
    const { told } = await fetched([{ corruptAt: 3 }, { failAfterBytes: 200 * kib }, {}]);
    expect(told.of("attempt-failed").map(({ code, continued }) => [code, continued])).toEqual([
      ["CHECKSUM_MISMATCH", true],
      ["CONNECTION_LOST", false],
    ]);
    expect(told.of("retry-scheduled")).toHaveLength(1);
    expect(told.completed).toBe(true);
  });
});

describe("a request that throws", () => {
  it("A request that throws is a failure of its peer", async () => {
    const manifest = await manifestOf(chunk, chunk.length);
    const request = (): never => {
      throw new TypeError("no such socket");
    };
    const told = play(() => [{ id: "A", ranges: true, request }], { manifest, sink: memorySink() });
    expect(told.of("peer-blacklisted")[0]).toMatchObject({ peer: "A", code: "UNKNOWN", failures: 3 });
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED", cause: { message: "no such socket" } });
  });
});
