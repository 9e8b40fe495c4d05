import type { Observable } from "rxjs";
import { concat, ignoreElements, timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { ChunkSink } from "../../src/storage/ChunkSink.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, play, someBytes } from "../download/swarm.js";
import { turns } from "../download/turns.js";

const kib = 1024;
const file = someBytes(512 * kib);

/** A sink of which each write takes its time. */
function slowly(sink: ReturnType<typeof memorySink>, ms: number, scheduler: VirtualTimeScheduler): typeof sink {
  const late = (work: Observable<never>): Observable<never> =>
    concat(timer(ms, scheduler).pipe(ignoreElements()), work);
  return { ...sink, write: (offset, bytes) => late(sink.write(offset, bytes)) } satisfies ChunkSink;
}

describe("a sink that is slower than the peers", () => {
  it("A sink that is slower than the peers has every byte of a chunk that gave up in one round and went on in the next", async () => {
    const scheduler = new VirtualTimeScheduler();
    const manifest = await manifestOf(file, 256 * kib);
    // Chunk 0 brings a bit less than counts as progress each time, then comes whole in its second round.
    const bit = { pieceBytes: kib, failAfterBytes: 15 * kib };
    const a = turns("A", file, [bit, bit, bit, bit, { bytesPerSecond: 1e6, scheduler }]);
    const b = scriptedPeer("B", file, { bytesPerSecond: 20_000, scheduler, has: (chunk) => chunk === 1 });
    const sink = slowly(memorySink(), 1000, scheduler);
    const told = play(() => [{ ...a, has: (chunk) => chunk === 0 }, b], { manifest, sink, scheduler });
    expect(told.of("chunk-failed")).toMatchObject([{ chunk: 0, code: "RETRIES_EXHAUSTED" }]);
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("A slow sink has acknowledged a chunk before it is told to be verified", async () => {
    const scheduler = new VirtualTimeScheduler();
    const manifest = await manifestOf(file, file.length);
    const sink = slowly(memorySink(), 100, scheduler);
    const told = play(() => [scriptedPeer("A", file)], { manifest, sink, scheduler });
    expect(told.of("chunk-verified")).toMatchObject([{ at: 100 }]);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });
});

describe("a chunk in backoff", () => {
  it("A chunk in backoff holds no slot", async () => {
    const manifest = await manifestOf(file, 256 * kib);
    const a = turns("A", file, [{ refuseWith: "CONNECTION_LOST" }, {}]);
    const told = play(() => [a], { manifest, config: { retry: { maxConcurrentChunks: 1 } } });
    expect(told.of("chunk-verified").map(({ chunk, at }) => [chunk, at])).toEqual([
      [1, 0],
      [0, 1000],
    ]);
  });
});

describe("the legs of a peer that is found to lie", () => {
  it("The legs of a peer that is found to lie are cut, and what they brought is not kept", async () => {
    const scheduler = new VirtualTimeScheduler();
    const manifest = await manifestOf(file, 64 * kib);
    const liar = scriptedPeer("A", file, {
      corruptAt: 130 * kib,
      bytesPerSecond: 64 * kib,
      pieceBytes: kib,
      scheduler,
    });
    const slow = scriptedPeer("B", file, { bytesPerSecond: 8 * kib, pieceBytes: kib, scheduler });
    const told = play(() => [liar, slow], { manifest, scheduler });
    const [found] = told.of("peer-quarantined");
    const cut = told.of("attempt-failed").filter(({ peer, at }) => peer === "A" && at === found?.at);
    expect(cut.length).toBeGreaterThan(1);
    expect(told.of("attempt-started").some(({ peer, at }) => peer === "A" && at > (found?.at ?? 0))).toBe(false);
    for (const { peers, at } of told.of("chunk-verified"))
      if (at > (found?.at ?? 0)) expect(peers).toEqual({ B: 64 * kib });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });
});

describe("the chunks of a peer that dies", () => {
  it("The chunks of a peer that dies all go on with another one", async () => {
    const scheduler = new VirtualTimeScheduler();
    const manifest = await manifestOf(file, 32 * kib);
    const a = scriptedPeer("A", file, { bytesPerSecond: 32 * kib, diesAfterBytes: 4 * 32 * kib, scheduler });
    const b = scriptedPeer("B", file, { bytesPerSecond: 16 * kib, scheduler });
    const told = play(() => [a, b], { manifest, scheduler });
    const failed = told.of("attempt-failed").filter(({ peer }) => peer === "A");
    expect(failed.length).toBeGreaterThanOrEqual(3);
    const begun = told.of("attempt-started");
    for (const { chunk, at, leg, attempt } of failed) {
      const asked = begun.findIndex((each) => each.chunk === chunk && each.leg === leg && each.attempt === attempt);
      const next = begun.slice(asked + 1).find((each) => each.chunk === chunk && each.at >= at);
      expect(next).toBeDefined();
    }
    expect(told.of("peer-blacklisted")[0]).toMatchObject({ peer: "A", failures: 3 });
    expect(begun.filter(({ peer, at }) => peer === "A" && at > (told.of("peer-blacklisted")[0]?.at ?? 0))).toEqual([]);
    expect(told.completed).toBe(true);
  });
});
