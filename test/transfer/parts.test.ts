import { describe, expect, it } from "vitest";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { ChunkAssembly } from "../../src/transfer/ChunkAssembly.js";
import { gaveUp } from "../../src/transfer/gaveUp.js";
import { sameBytes, verifyChunk } from "../../src/transfer/verifyChunk.js";
import { digestOfAll, manifestOf, someBytes } from "../download/swarm.js";
import { assemblyParts } from "./assemblyParts.js";

describe("verifyChunk", () => {
  it("A verified chunk whose digests differ gives an error that names both", async () => {
    const bytes = someBytes(100);
    const manifest = await manifestOf(bytes, 100);
    const assembly = new ChunkAssembly({ index: 0, offset: 0, length: 100 }, assemblyParts());
    assembly.accept("A", 0, bytes.subarray(0, 50));
    assembly.accept("B", 50, new Uint8Array(50));
    const hex = (of: Uint8Array): string => Buffer.from(of).toString("hex");
    const got = assembly.digest();
    expect(verifyChunk(manifest, assembly)).toMatchObject({
      code: "CHECKSUM_MISMATCH",
      message: `chunk 0 from A and B has SHA-256 ${hex(got)}, expected ${hex(digestOfAll(bytes))}`,
    });
  });

  it("A comparison of digests tells bytes apart", () => {
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
  ] as const)(
    "The error of a chunk that gave up for %s has the last real error as its cause",
    (reason, cause, code) => {
      const error = gaveUp(new RetryGaveUpError(reason, 4, undefined), { chunk: 12, last: cause, lost: undefined });
      expect(error).toMatchObject({ code, chunk: 12, attempt: 4 });
      expect(error.cause).toBe(cause);
      const why = cause === undefined ? "no peer has it" : `${cause.message} (${cause.code})`;
      expect(error.message).toBe(`chunk 12 gave up after 4 tries: ${why}`);
    },
  );

  it("The error of a chunk that lost all peers says what they were lost for", () => {
    const lost = new DownloadError("FILE_NOT_FOUND_ANYWHERE", "all peers were lost");
    const chunk = { chunk: 2, last: late, lost };
    expect(gaveUp(new RetryGaveUpError("no-peers", 1, late), chunk)).toMatchObject({ code: lost.code, cause: late });
    expect(gaveUp(new RetryGaveUpError("exhausted", 1, late), chunk).code).toBe("RETRIES_EXHAUSTED");
  });
});
