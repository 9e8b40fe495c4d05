import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { chunkSizeFor } from "../../src/manifest/chunkSize.js";
import { chunkCount, digestOf } from "../../src/manifest/chunks.js";
import { integrityOf } from "../../src/manifest/Manifest.js";
import { plainFile } from "../../src/manifest/plainFile.js";

const fiveGiB = 5 * 1024 ** 3;

describe("a file without digests", () => {
  it("A file without digests has a root that says how long it is, and nothing else", () => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(fiveGiB));
    const root = createHash("sha256").update("tributary/plain/1").update(length).digest("hex");
    expect(plainFile({ name: "a", size: fiveGiB }, sha256).root).toBe(root);
    expect(plainFile({ name: "b", size: fiveGiB, mirrors: { m: {} } }, sha256).root).toBe(root);
    expect(plainFile({ name: "a", size: fiveGiB + 1 }, sha256).root).not.toBe(root);
  });

  it("A file without digests is cut as one with a manifest is, and keeps what else is known", () => {
    const facts = {
      name: "a",
      size: fiveGiB,
      whole: { type: "sha-256" as const, bytes: new Uint8Array(32) },
      mirrors: { m: { etag: '"1"' } },
    };
    const file = plainFile(facts, sha256);
    expect(file).toMatchObject({ ...facts, chunkSize: chunkSizeFor(fiveGiB) });
    expect(file).not.toHaveProperty("digests");
  });

  it("A file without digests has chunks of which nobody knows a digest, and no others", () => {
    const file = plainFile({ name: "a", size: fiveGiB }, sha256);
    expect(digestOf(file, chunkCount(file) - 1)).toBeUndefined();
    expect(() => digestOf(file, chunkCount(file))).toThrow(/does not exist/);
  });

  it("A file without digests may be empty", () => {
    expect(chunkCount(plainFile({ name: "a", size: 0 }, sha256))).toBe(0);
  });
});

describe("a file", () => {
  const digest = new Uint8Array(32);

  it.each([
    [{ digests: digest, whole: { type: "sha-256", bytes: digest } }, "chunks"],
    [{ digests: new Uint8Array(0) }, "chunks"],
    [{ digests: digest, digestType: "sha-512" }, "chunks"],
    [{ whole: { type: "sha-256", bytes: digest } }, "file"],
    [{ digests: digest, digestType: "sha-1", whole: { type: "sha-384", bytes: digest } }, "file"],
    [{ digests: digest, digestType: "sha-1", whole: { type: "md5", bytes: digest } }, "weak"],
    [{ digests: digest, digestType: "sha-224" }, "weak"],
    [{ whole: { type: "sha-1", bytes: digest } }, "weak"],
    [{}, "none"],
  ] as const)("A file %# is verified by the best that is known of it", (facts, integrity) => {
    expect(integrityOf(facts)).toBe(integrity);
  });
});
