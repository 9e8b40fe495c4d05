import { createHash } from "node:crypto";
import { throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { exitCodeOf } from "../../src/cli/exitCodes.js";
import { describeEvent } from "../../src/download/describeEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { FileFacts } from "../../src/manifest/Manifest.js";
import { plainFile } from "../../src/manifest/plainFile.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, play, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(5000);
const digest = new Uint8Array(createHash("sha256").update(file).digest());
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const notice = "All of file.bin is here; its SHA-256 is checked";

const plain: FileFacts = { ...plainFile({ name: "file.bin", size: 5000, sha256: digest }, sha256), chunkSize: 1000 };
const kinds = [
  ["without digests", plain, "file"],
  ["with digests", { ...(await manifestOf(file, 1000)), sha256: digest }, "chunks"],
] as const;

describe.each(kinds)("a whole file %s", (_, manifest: FileFacts, integrity) => {
  const wrong = { ...manifest, sha256: new Uint8Array(32) };

  it("is checked when all of it is here", () => {
    const told = play(() => [scriptedPeer("A", file)], { manifest });
    const last = told.events.slice(-2);
    expect(last).toMatchObject([
      { type: "notice", message: notice },
      { type: "download-completed", account: { integrity } },
    ]);
    expect(last.map((event) => describeEvent(event))[1]).toMatch(/^Done: 5.00 kB verified in [^;]*$/);
  });

  it("of which no byte was missing is checked all the same", () => {
    const sink = memorySink();
    sink.open(5000).subscribe();
    sink.write(0, file).subscribe();
    sink.close().subscribe();
    const first = play(() => [scriptedPeer("A", file)], { manifest, sink });
    expect(first.of("notice").map(({ message }) => message)).toContain(notice);
  });

  it("that hashes to something else fails, names both digests and gets no name", () => {
    const sink = memorySink();
    const told = play(() => [scriptedPeer("A", file)], { manifest: wrong, sink });
    expect(told.error).toMatchObject({
      code: "CHECKSUM_MISMATCH",
      message: `file.bin has SHA-256 ${hex(digest)}, expected ${"0".repeat(64)}; nothing of it is kept`,
    });
    expect(told.of("download-failed")).toMatchObject([{ account: { verified: 0, received: 5000 } }]);
    expect(sink.finished()).toBe(false);
    expect(exitCodeOf(told.error)).toBe(4);
  });

  it("that hashes to something else is fetched as a whole by the next run", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const broken = file.slice().fill(7, 2000, 2100);
    const one = play(() => [scriptedPeer("A", integrity === "chunks" ? file : broken)], {
      ...{ manifest: integrity === "chunks" ? wrong : manifest, sink, progress },
    });
    expect(one.error).toMatchObject({ code: "CHECKSUM_MISMATCH" });
    expect(progress.saved()).toMatchObject({ complete: new Uint8Array(1), frontiers: {} });
    const peer = turns("A", file, [{}]);
    const two = play(() => [peer], { manifest, sink, progress });
    expect(peer.asked.map(({ chunk }) => chunk)).toEqual([0, 1, 2, 3, 4]);
    expect(two.completed).toBe(true);
    expect(sameBytes(two.bytes, file)).toBe(true);
  });

  it("that cannot be read is no other file: the next run only checks it again", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const read = () => throwError(() => new DownloadError("LOCAL_IO", "EIO"));
    const one = play(() => [scriptedPeer("A", file)], { manifest, sink: { ...sink, read }, progress });
    expect(one.error).toMatchObject({ code: "LOCAL_IO" });
    const two = play(() => [], { manifest, sink, progress });
    expect([two.completed, two.of("attempt-started")]).toEqual([true, []]);
    expect(sameBytes(two.bytes, file)).toBe(true);
  });
});

describe("a whole file of which no SHA-256 is known", () => {
  it("is not read again", async () => {
    const sink = memorySink();
    const read = () => throwError(() => new DownloadError("LOCAL_IO", "EIO"));
    const manifest = await manifestOf(file, 1000);
    const told = play(() => [scriptedPeer("A", file)], { manifest, sink: { ...sink, read } });
    expect([told.completed, told.of("notice")]).toEqual([true, []]);
  });
});
