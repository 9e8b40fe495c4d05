import type { SchedulerLike } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { FileFacts } from "../../src/manifest/Manifest.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, plainOf, play, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(10_000);
const plain = plainOf(file, 500);
const { digests } = await manifestOf(file, 1000);
const found: FileFacts = { ...plain, chunkSize: 1000, digests, digestsFound: true };

/** A download of about half of the file, which is all that it has time for. */
function half(manifest: FileFacts, corruptAt?: number) {
  const [sink, progress] = [memorySink(), memoryProgress()];
  const script = { bytesPerSecond: 1000, ...(corruptAt !== undefined && { corruptAt }) };
  const slow = (scheduler: SchedulerLike) => [scriptedPeer("A", file, { ...script, scheduler })];
  const config = { retry: { maxConcurrentChunks: 1 } };
  expect(play(slow, { manifest, sink, progress, config }, 5500).completed).toBe(false);
  return { sink, progress };
}

describe("digests that were found beside a file", () => {
  it("A download that began without them hashes what is here before it counts, and says nothing of it", () => {
    const { sink, progress } = half(plain);
    const told = play(() => [scriptedPeer("A", file)], { manifest: found, sink, progress });
    expect(told.completed).toBe(true);
    expect(told.of("notice")).toEqual([]);
    const { resumed = 0, received } = told.of("download-completed")[0]?.account ?? {};
    expect([resumed >= 4000, received]).toEqual([true, file.length - resumed]);
    expect(told.of("chunk-verified")).toHaveLength(10);
  });

  it("A wrong chunk that an earlier run has stored unchecked is found by them and fetched again", () => {
    const { sink, progress } = half(plain, 1234);
    const told = play(() => [scriptedPeer("B", file)], { manifest: found, sink, progress });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("A download that began with them goes on without them", () => {
    const { sink, progress } = half(found);
    const right = turns("A", file, [{}]);
    const told = play(() => [right], { manifest: plain, sink, progress });
    expect(told.completed).toBe(true);
    expect(told.of("download-completed")[0]?.account.resumed).toBeGreaterThanOrEqual(4000);
  });
});
