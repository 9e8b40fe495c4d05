import { timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { describeEvent } from "../../src/download/describeEvent.js";
import { Bitmap } from "../../src/storage/Bitmap.js";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { digestOfAll, manifestOf, plainOf, play, someBytes, type Told } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(10_000);
const plain = plainOf(file, 1000);

const words = (told: Told): readonly string[] => told.events.flatMap((event) => describeEvent(event) ?? []);

describe("a file without digests", () => {
  it("A file without digests is stored, and nothing of it is called verified", () => {
    const told = play(() => [scriptedPeer("A", file)], { manifest: plain });
    expect(sameBytes(told.bytes, file)).toBe(true);
    expect(told.of("chunk-verified")).toEqual([]);
    expect(told.of("chunk-stored").map(({ chunk, bytes }) => [chunk, bytes])).toEqual(
      Array.from({ length: 10 }, (_, chunk) => [chunk, 1000]),
    );
    expect(told.of("download-started")[0]?.manifest.integrity).toBe("none");
    expect(told.of("download-completed")[0]?.account).toMatchObject({
      integrity: "none",
      done: 10_000,
      verified: 0,
    });
    expect(words(told).at(-1)).toMatch(/^Done: .* fetched in .*; no digest was known to verify it with$/);
  });

  it("A file without digests of its chunks is verified by a digest of the whole", () => {
    const manifest = plainOf(file, 1000, { whole: { type: "sha-256", bytes: digestOfAll(file) } });
    const told = play(() => [scriptedPeer("A", file)], { manifest });
    expect(told.of("download-started")[0]?.manifest.integrity).toBe("file");
    expect(told.of("download-completed")[0]?.account.integrity).toBe("file");
    expect(words(told).at(-1)).toMatch(/^Done: .* verified in [^;]*$/);
  });

  it("A file with a digest of each chunk is verified by those, also when that of the whole is known", async () => {
    const told = play(() => [scriptedPeer("A", file)], { manifest: await manifestOf(file, 1000) });
    expect(told.of("download-started")[0]?.manifest.integrity).toBe("chunks");
    expect(told.of("chunk-stored")).toEqual([]);
  });

  it("A file without digests that is all here says so, and not that it is verified", () => {
    const [sink, progress] = here(
      10_000,
      Array.from({ length: 10 }, (_, chunk) => chunk),
    );
    const told = play(() => [scriptedPeer("A", file)], { manifest: plain, sink, progress });
    expect(words(told).at(-1)).toMatch(/^Done: .* here, nothing had to be fetched$/);
  });

  it("A file without digests may be empty", () => {
    const none = someBytes(0);
    const told = play(() => [scriptedPeer("A", none)], { manifest: plainOf(none, 1000) });
    expect(told.completed).toBe(true);
  });

  it("A file without digests is continued on another peer in the middle of a chunk", () => {
    const [a, b] = [
      turns("A", file, [{ failAfterBytes: 300, pieceBytes: 100 }, { hang: true }]),
      turns("B", file, [{}]),
    ];
    const told = play(() => [a, b], { manifest: plain });
    expect(sameBytes(told.bytes, file)).toBe(true);
    expect(told.of("chunk-stored").find(({ chunk }) => chunk === 0)?.peers).toMatchObject({ A: 300 });
  });
});

describe("its progress", () => {
  it("The progress of a file without digests keeps what the mirrors said of their versions", () => {
    const mirrors = { A: { etag: '"v1"' }, B: { lastModified: "Sat, 01 Jan 2022 00:00:00 GMT" } };
    const scheduler = new VirtualTimeScheduler();
    const progress = memoryProgress();
    const slow = scriptedPeer("A", file, { bytesPerSecond: 1000, scheduler });
    const config = { pauseWhen: timer(2500, scheduler) };
    play(() => [slow], { manifest: plainOf(file, 1000, { mirrors }), progress, config, scheduler });
    expect(progress.saved()?.mirrors).toEqual(mirrors);
  });

  it("The progress of a file without digests counts after an unclean end, because nothing could be hashed against", () => {
    const [sink, progress] = here(10_000, [0, 1, 2, 7]);
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest: plain, sink, progress });
    expect(told.of("download-started")).toMatchObject([{ resumedChunks: 4, resumedBytes: 4000 }]);
    expect(peer.asked.map(({ chunk }) => chunk)).toEqual([3, 4, 5, 6, 8, 9]);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("Progress without digests counts where an earlier version has cut the file into smaller chunks", () => {
    const [sink, progress] = here(10_000, [0, 1, 2, 7]);
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest: plainOf(file, 2000), sink, progress });
    expect(told.of("download-started")).toMatchObject([{ resumedChunks: 1 }]);
    expect(told.of("download-completed")[0]?.account).toMatchObject({ resumed: 3000, received: 7000 });
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("The progress of a file without digests counts only as far as there are bytes", () => {
    const [sink, progress] = here(3500, [0, 1, 3, 7]);
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest: plain, sink, progress });
    expect(told.of("download-started")).toMatchObject([{ resumedChunks: 2, resumedBytes: 2000 }]);
    expect(peer.asked.map(({ chunk }) => chunk)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("The progress of a file without digests that is lost loses the bytes too", () => {
    const [sink] = here(10_000, []);
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest: plain, sink });
    expect(told.of("download-started")).toMatchObject([{ resumedChunks: 0 }]);
    expect(peer.asked).toHaveLength(10);
  });

  it("The progress of a file without digests is of no use for a file of another size", () => {
    const [sink, progress] = here(10_000, [0]);
    const longer = someBytes(10_001);
    const told = play(() => [scriptedPeer("A", longer)], { manifest: plainOf(longer, 1000), sink, progress });
    expect(told.error).toMatchObject({ code: "INVALID_CHECKPOINT" });
  });
});

/** What a run left that ended in no clean way: the first `present` bytes, and a record that claims these chunks. */
function here(present: number, claimed: readonly number[]) {
  const sink = memorySink();
  sink.open(file.length).subscribe();
  sink.write(0, file.subarray(0, present)).subscribe();
  sink.close().subscribe();
  const complete = claimed.reduce((all, chunk) => all.with(chunk), Bitmap.empty(10)).toBytes();
  const checkpoint: Checkpoint = {
    version: 1,
    ...{ root: plain.root, name: plain.name, size: plain.size, chunkSize: plain.chunkSize },
    ...{ complete, frontiers: {}, failed: [], peers: {}, resumes: 0, savedAt: 0 },
  };
  return [sink, memoryProgress(checkpoint)] as const;
}
