import { throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { initialState } from "../../src/download/DownloadState.js";
import { reduce } from "../../src/download/reduce.js";
import type { FileFacts } from "../../src/manifest/Manifest.js";
import { toHex } from "../../src/manifest/hex.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { digestOfAll, manifestOf, plainOf, play, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(10_000);
const sha256 = digestOfAll(file);
const other = digestOfAll(someBytes(9999));

describe.each<[string, FileFacts]>([
  ["no digests of its chunks", plainOf(file, 1000)],
  ["digests of its chunks", await manifestOf(file, 1000)],
])("a file with a digest of the whole and %s", (_name, facts) => {
  it("A file with a digest of the whole is checked once, when all of it is here", () => {
    const told = play(() => [scriptedPeer("A", file)], {
      manifest: { ...facts, whole: { type: "sha-256", bytes: sha256 } },
    });
    expect(told.completed).toBe(true);
    expect(told.of("notice")).toEqual([]);
    expect(told.of("checking").map(({ hash }) => hash)).toEqual(["sha-256"]);
    expect(told.events.reduce(reduce, initialState).phase).toBe("completed");
    const types = told.events.map(({ type }) => type);
    const last = Math.max(types.lastIndexOf("chunk-stored"), types.lastIndexOf("chunk-verified"));
    expect(types.indexOf("checking")).toBeGreaterThan(last);
  });

  it("A file whose digest of the whole is another one is CHECKSUM_MISMATCH, gets no name, and nothing of it is claimed", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const told = play(() => [scriptedPeer("A", file)], {
      manifest: { ...facts, whole: { type: "sha-256", bytes: other } },
      sink,
      progress,
    });
    expect(told.error).toMatchObject({ code: "CHECKSUM_MISMATCH" });
    const message = `file.bin has SHA-256 ${toHex(sha256)}, expected ${toHex(other)}; nothing of it counts`;
    expect(told.of("download-failed")).toMatchObject([{ message, account: { verified: 0 }, resumable: true }]);
    expect(sink.finished()).toBe(false);
    expect(progress.saved()?.complete.every((byte) => byte === 0)).toBe(true);
    expect(progress.saved()?.frontiers).toEqual({});
  });
});

describe("a mismatch of the whole", () => {
  it("A mismatch of the whole is over when the next run has fetched it all", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const manifest = plainOf(file, 1000, { whole: { type: "sha-256", bytes: sha256 } });
    const wrong = scriptedPeer("A", file, { corruptAt: 4321 });
    expect(play(() => [wrong], { manifest, sink, progress }).error).toMatchObject({ code: "CHECKSUM_MISMATCH" });
    const right = turns("A", file, [{}]);
    const told = play(() => [right], { manifest, sink, progress });
    expect(told.completed).toBe(true);
    expect(right.asked).toHaveLength(10);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });
});

describe("a whole that cannot be read back", () => {
  it("A whole that cannot be read back is LOCAL_IO, and its progress stays: nobody has said that it is wrong", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const read = () => throwError(() => new DownloadError("LOCAL_IO", "EIO"));
    const manifest = plainOf(file, 1000, { whole: { type: "sha-256", bytes: sha256 } });
    const told = play(() => [scriptedPeer("A", file)], { manifest, sink: { ...sink, read }, progress });
    expect(told.error).toMatchObject({ code: "LOCAL_IO", message: "EIO" });
    const idle = turns("A", file, [{}]);
    expect(play(() => [idle], { manifest, sink, progress }).completed).toBe(true);
    expect(idle.asked).toEqual([]);
  });
});

it("Nothing is checked of a file without a digest of the whole", () => {
  const told = play(() => [scriptedPeer("A", file)], { manifest: plainOf(file, 1000) });
  expect([...told.of("notice"), ...told.of("checking")]).toEqual([]);
});
