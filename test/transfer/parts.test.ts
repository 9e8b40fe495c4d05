import fc from "fast-check";
import { from, lastValueFrom, of, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { ChunkAssembly } from "../../src/transfer/ChunkAssembly.js";
import { exactly } from "../../src/transfer/exactly.js";
import { gaveUp } from "../../src/transfer/gaveUp.js";
import { sameBytes, verifyChunk } from "../../src/transfer/verifyChunk.js";
import { manifestOf, someBytes } from "../download/swarm.js";
import { peerNamed } from "../peers/bench.js";

const digest = (bytes: Uint8Array): Uint8Array => {
  const hasher = sha256();
  hasher.update(bytes);
  return hasher.digest();
};

describe("ChunkAssembly", () => {
  it("knows the digest and who brought what, however the bytes were split among peers", () => {
    const piece = fc.record({ peer: fc.constantFrom("A", "B", undefined), length: fc.nat(40), back: fc.nat(10) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const length = pieces.reduce((sum, each) => sum + each.length, 0);
        const bytes = someBytes(length);
        const assembly = new ChunkAssembly({ index: 0, offset: 0, length }, sha256);
        const owners: (string | undefined)[] = [];
        for (const { peer, length, back } of pieces) {
          const { frontier } = assembly;
          const start = Math.max(0, frontier - back); // what lies below the frontier is a duplicate
          const taken = assembly.accept(peer, start, bytes.subarray(start, frontier + length));
          expect(taken).toEqual({
            offset: frontier,
            bytes: bytes.subarray(frontier, frontier + length),
            generation: 0,
          });
          assembly.wrote(taken);
          for (let i = 0; i < length; i++) owners.push(peer);
        }
        expect(assembly).toMatchObject({ frontier: length, highest: length, written: length, isWhole: true });
        expect(sameBytes(assembly.digest(), digest(bytes))).toBe(true);
        const named = owners.filter((owner) => owner !== undefined);
        const brought = Object.values(assembly.peers).reduce((sum, each) => sum + each, 0);
        expect(brought).toBe(named.length);
        let at = 0;
        for (const { peer, start, end, digest: found } of assembly.segments()) {
          expect(start).toBe(at);
          expect(owners.slice(start, end).every((owner) => owner === peer)).toBe(true);
          expect(sameBytes(found, digest(bytes.subarray(start, end)))).toBe(true);
          at = end;
        }
        expect(at).toBe(length);
      }),
      { numRuns: 300 },
    );
  });

  it("begins anew with nothing, and is not fooled by writes from before", () => {
    const bytes = someBytes(10);
    const assembly = new ChunkAssembly({ index: 0, offset: 0, length: 10 }, sha256);
    const old = assembly.accept("A", 0, bytes.subarray(0, 6));
    assembly.accept(undefined, 6, bytes.subarray(6, 8));
    expect(assembly.restart()).toBe(6);
    assembly.wrote(old);
    expect(assembly).toMatchObject({ frontier: 0, highest: 8, written: 0, peers: {} });
    assembly.wrote(assembly.accept("B", 0, bytes));
    expect(assembly).toMatchObject({ frontier: 10, written: 10, peers: { B: 10 } });
    expect(sameBytes(assembly.digest(), digest(bytes))).toBe(true);
  });
});

describe("exactly", () => {
  const bytes = (...lengths: number[]) => from(lengths.map((length) => new Uint8Array(length)));
  const held = (length: number, ...lengths: number[]) =>
    lastValueFrom(
      bytes(...lengths).pipe(exactly(peerNamed("A"), { chunk: 7, offset: 0, length, position: 0 }), toArray()),
    );

  it("passes the range on", async () => {
    expect(await held(5, 2, 0, 3)).toHaveLength(3);
    expect(await held(0)).toEqual([]);
  });

  it("refuses more, at once, and less, at the end", async () => {
    await expect(held(4, 2, 3, 1)).rejects.toMatchObject({
      code: "INVALID_CHUNK",
      message: "chunk 7 from A has 5 bytes, expected 4",
      chunk: 7,
      peer: "A",
    });
    await expect(held(9, 2, 3)).rejects.toMatchObject({ message: "chunk 7 from A has 5 bytes, expected 9" });
  });
});

describe("verifyChunk", () => {
  it("names both digests when they differ", async () => {
    const bytes = someBytes(100);
    const manifest = await manifestOf(bytes, 100);
    const assembly = new ChunkAssembly({ index: 0, offset: 0, length: 100 }, sha256);
    const pieces = of(assembly.accept("A", 0, bytes.subarray(0, 50)), assembly.accept("B", 50, new Uint8Array(50)));
    const hex = (of: Uint8Array): string => Buffer.from(of).toString("hex");
    await expect(lastValueFrom(pieces.pipe(verifyChunk(manifest, assembly)))).rejects.toMatchObject({
      code: "CHECKSUM_MISMATCH",
      message: `chunk 0 from A and B has SHA-256 ${hex(assembly.digest())}, expected ${hex(digest(bytes))}`,
    });
  });

  it("tells bytes apart", () => {
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  });
});

describe("the end of a chunk's attempts", () => {
  const late = new DownloadError("TIMEOUT", "late");

  it.each([
    ["exhausted", late, "RETRIES_EXHAUSTED"],
    ["deadline", late, "CHUNK_DEADLINE"],
    ["budget", late, "RETRY_BUDGET_EXHAUSTED"],
    ["permanent", new DownloadError("AUTH_FAILED", "401"), "AUTH_FAILED"],
    ["no-peers", new DownloadError("CHECKSUM_MISMATCH", "wrong"), "CHECKSUM_MISMATCH"],
    ["no-peers", new DownloadError("FILE_NOT_FOUND", "404"), "CHUNK_NOT_AVAILABLE"],
    ["no-peers", undefined, "CHUNK_NOT_AVAILABLE"],
  ] as const)("for %s has the last real error as its cause", (reason, cause, code) => {
    const error = gaveUp(new RetryGaveUpError(reason, 4, cause), 12);
    expect(error).toMatchObject({ code, chunk: 12, attempt: 4 });
    expect(error.cause).toBe(cause);
    const why = cause === undefined ? "no peer has it" : `${cause.message} (${cause.code})`;
    expect(error.message).toBe(`chunk 12 gave up after 4 attempts: ${why}`);
  });

  it("says what all peers were lost for, when they were", () => {
    const lost = new DownloadError("FILE_NOT_FOUND_ANYWHERE", "all peers were lost");
    expect(gaveUp(new RetryGaveUpError("no-peers", 1, late), 2, lost)).toMatchObject({ code: lost.code, cause: late });
    expect(gaveUp(new RetryGaveUpError("exhausted", 1, late), 2, lost).code).toBe("RETRIES_EXHAUSTED");
  });

  it("passes on what was thrown for another reason", () => {
    expect(gaveUp(late, 2)).toBe(late);
    expect(gaveUp(new TypeError("broken"), 2)).toMatchObject({ code: "UNKNOWN", message: "broken", chunk: 2 });
  });
});
