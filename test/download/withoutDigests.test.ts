import { timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { describeEvent } from "../../src/download/describeEvent.js";
import type { FileFacts } from "../../src/manifest/Manifest.js";
import { plainFile } from "../../src/manifest/plainFile.js";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { play, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(9500);
const mirrors = { "http://a/file": { etag: '"1"' }, "http://b/file": {} };
const facts: FileFacts = { ...plainFile({ name: "file.bin", size: file.length, mirrors }, sha256), chunkSize: 1000 };

/** Half of the file, then paused at 5 s. */
function half() {
  const scheduler = new VirtualTimeScheduler();
  const [sink, progress] = [memorySink(), memoryProgress()];
  const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, pieceBytes: 100, scheduler });
  const config = { pauseWhen: timer(5050, scheduler), retry: { maxConcurrentChunks: 1 } };
  play(() => [peer], { manifest: facts, sink, progress, config, scheduler });
  const checkpoint = progress.saved();
  if (checkpoint === undefined) throw new Error("nothing is saved");
  return { sink, progress, checkpoint };
}

/** The same record after a run that died. */
function unclean({ cleanStamp: _, ...checkpoint }: Checkpoint, more: Partial<Checkpoint> = {}) {
  return memoryProgress({ ...checkpoint, ...more });
}

describe("a download without digests", () => {
  const told = play(() => [scriptedPeer("A", file)], { manifest: facts });

  it("stores chunks, and calls none of them verified", () => {
    expect(told.of("chunk-stored").map(({ chunk }) => chunk)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(told.of("chunk-stored")[9]).toMatchObject({ bytes: 500, peers: { A: 500 }, attempts: 1 });
    expect(told.of("chunk-verified")).toEqual([]);
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("says so from its first event to its last", () => {
    expect(told.of("download-started")[0]?.manifest).toMatchObject({ integrity: "none", chunkCount: 10 });
    const [done] = told.of("download-completed");
    expect(done?.account).toMatchObject({ integrity: "none", verified: 9500, received: 9500 });
    expect(done && describeEvent(done)).toMatch(/^Done: 9.50 kB fetched in .*; no digest was known to verify it with$/);
  });

  it("still holds peers to the bytes that they were asked for", () => {
    const beginning = { chunk: 0, offset: 0, length: 10, position: 0 };
    const liar = { ...scriptedPeer("A", file), request: () => scriptedPeer("A", file).request(beginning) };
    const mixed = play(() => [liar, scriptedPeer("B", file)], { manifest: facts });
    expect(mixed.of("peer-quarantined")).toMatchObject([{ peer: "A", code: "INVALID_CHUNK" }]);
    expect(sameBytes(mixed.bytes, file)).toBe(true);
  });
});

describe("what is saved of a download without digests", () => {
  it("has what the mirrors said of their versions", () => {
    expect(half().checkpoint.mirrors).toEqual(mirrors);
  });

  it("is believed after a clean end, to the byte", () => {
    const { sink, progress } = half();
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest: facts, sink, progress });
    expect(told.of("download-started")).toMatchObject([{ resumedChunks: 5, resumedBytes: 5000 }]);
    expect(peer.asked.map(({ position }) => position)).toEqual([5000, 6000, 7000, 8000, 9000]);
    expect(told.of("download-completed")[0]?.account).toMatchObject({ resumed: 5000, received: 4500 });
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("is believed after an unclean end, too, because nothing could be hashed against", () => {
    const { sink, checkpoint } = half();
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest: facts, sink, progress: unclean(checkpoint) });
    expect(peer.asked.map(({ position }) => position)).toEqual([5000, 6000, 7000, 8000, 9000]);
    expect(told.of("notice")).toEqual([]);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("claims nothing for which there are no bytes", () => {
    const { checkpoint } = half();
    const sink = memorySink();
    sink.open(file.length).subscribe();
    sink.write(0, file.subarray(0, 2999)).subscribe();
    sink.close().subscribe();
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], {
      manifest: facts,
      sink,
      progress: unclean(checkpoint, { frontiers: { 2: 900, 3: 1 } }),
    });
    expect(told.of("download-started")).toMatchObject([{ resumedChunks: 2, resumedBytes: 2000 }]);
    expect(peer.asked[0]).toMatchObject({ chunk: 2, offset: 900, length: 100 });
    expect(peer.asked[1]).toMatchObject({ chunk: 3, offset: 0 });
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("may claim all of a file that ends within a chunk", () => {
    const { checkpoint } = half();
    const sink = memorySink();
    sink.open(file.length).subscribe();
    sink.write(0, file).subscribe();
    sink.close().subscribe();
    const told = play(() => [], {
      manifest: facts,
      sink,
      progress: unclean(checkpoint, { complete: Uint8Array.of(0xff, 3) }),
    });
    expect([told.completed, told.of("attempt-started")]).toEqual([true, []]);
    const [done] = told.of("download-completed");
    expect(done && describeEvent(done)).toBe("Done: 9.50 kB here, nothing had to be fetched");
  });

  it("is needed: bytes that no record claims are fetched again", () => {
    const { sink } = half();
    const told = play(() => [scriptedPeer("A", file)], { manifest: facts, sink });
    expect(told.of("download-started")).toMatchObject([{ resumedChunks: 0 }]);
    expect(told.of("download-completed")[0]?.account).toMatchObject({ resumed: 0, received: 9500 });
  });
});
