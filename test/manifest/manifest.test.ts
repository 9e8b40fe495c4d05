import fc from "fast-check";
import { createHash } from "node:crypto";
import { from, lastValueFrom, of } from "rxjs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { buildManifest } from "../../src/manifest/buildManifest.js";
import { checkCut, checkManifest } from "../../src/manifest/checkManifest.js";
import { chunkAt, chunkCount, digestOf } from "../../src/manifest/chunks.js";
import { chunkSizeFor } from "../../src/manifest/chunkSize.js";
import { fromHex, toHex } from "../../src/manifest/hex.js";
import type { Manifest } from "../../src/manifest/Manifest.js";
import { manifestRoot } from "../../src/manifest/root.js";

const kib = 1024;
const hashOf = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const manifestOf = (bytes: Uint8Array, chunkSize: number) =>
  lastValueFrom(of(bytes).pipe(buildManifest({ name: "a", size: bytes.length, chunkSize }, sha256)));

describe("chunks", () => {
  it.each([
    [0, 4, []],
    [1, 4, [1]],
    [4, 4, [4]],
    [5, 4, [4, 1]],
    [8, 4, [4, 4]],
  ])("Chunks cut %i bytes by %i into %j", (size, chunkSize, lengths) => {
    const count = chunkCount({ size, chunkSize });
    const chunks = Array.from({ length: count }, (_, index) => chunkAt({ size, chunkSize }, index));
    expect(chunks.map(({ length }) => length)).toEqual(lengths);
    expect(chunks.map(({ offset }) => offset)).toEqual(lengths.map((_, index) => index * chunkSize));
  });

  it("Chunks have places past 4 GiB", () => {
    const cut = { size: 2 ** 33 + 1, chunkSize: 256 * kib };
    expect(chunkAt(cut, 32_768)).toEqual({ index: 32_768, offset: 2 ** 33, length: 1 });
  });

  it.each([-1, 2, 0.5, NaN])("A file of two chunks has no chunk %d", (index) => {
    const wrong = expect.objectContaining({
      code: "INVALID_INDEX",
      message: expect.stringContaining(`chunk ${index}`) as string,
    }) as Error;
    expect(() => chunkAt({ size: 8, chunkSize: 4 }, index)).toThrow(wrong);
    expect(() => digestOf({ size: 8, chunkSize: 4, digests: new Uint8Array(64) }, index)).toThrow(wrong);
  });

  it("Chunks have a digest each", async () => {
    const manifest = await manifestOf(Buffer.from("aaaabb"), 4);
    expect(Buffer.from(digestOf(manifest, 0))).toEqual(hashOf("aaaa"));
    expect(Buffer.from(digestOf(manifest, 1))).toEqual(hashOf("bb"));
  });
});

describe("chunkSizeFor", () => {
  it.each([
    [0, 256 * kib],
    [2 ** 26, 256 * kib],
    [2 ** 26 + 1, 512 * kib],
    [2 ** 28, 1024 * kib],
    [2 ** 30, 4096 * kib],
    [32_768 * 4096 * kib, 4096 * kib],
    [32_768 * 4096 * kib + 1, 8192 * kib],
    [2 ** 40, 2 ** 25],
    [2 ** 41, 2 ** 26],
    [2 ** 46, 2 ** 26],
  ])("chunkSizeFor gives %i bytes chunks of %i", (size, chunkSize) => {
    expect(chunkSizeFor(size)).toBe(chunkSize);
  });
});

describe("manifestRoot", () => {
  it("The root commits to the version, the size, the chunk size and the digests", async () => {
    const { root } = await manifestOf(Buffer.from("aaaabb"), 4);
    const merkle = hashOf("\x01", hashOf("\0", hashOf("aaaa")), hashOf("\0", hashOf("bb")));
    const numbers = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 4);
    expect(root).toBe(hashOf("tributary/1", numbers, merkle).toString("hex"));
  });

  it("The root of an empty file is built on the hash of nothing", async () => {
    const { root, digests } = await manifestOf(new Uint8Array(), 256 * kib);
    expect(digests).toHaveLength(0);
    expect(root).toBe(
      hashOf("tributary/1", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0), hashOf()).toString("hex"),
    );
  });

  it("The root is made of sizes past 32 bits in full", () => {
    const of = (size: number) => manifestRoot({ size, chunkSize: 2 ** 31, digests: new Uint8Array(96) }, sha256);
    expect(of(2 ** 32 + 5)).not.toBe(of(5));
  });
});

describe("buildManifest", () => {
  it("buildManifest does not depend on how the bytes come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 40 }),
        async (pieces, chunkSize) => {
          const whole = Buffer.concat(pieces);
          const facts = { name: "a", size: whole.length, chunkSize };
          const manifest = await lastValueFrom(from(pieces).pipe(buildManifest(facts, sha256)));
          expect(manifest).toEqual(await manifestOf(whole, chunkSize));
          expect(checkManifest(manifest, sha256)).toBe(manifest);
          for (let index = 0; index < chunkCount(manifest); index++) {
            const { offset, length } = chunkAt(manifest, index);
            expect(Buffer.from(digestOf(manifest, index))).toEqual(hashOf(whole.subarray(offset, offset + length)));
          }
        },
      ),
    );
  });

  it("buildManifest takes the chunk size that fits the file", async () => {
    const manifest = await lastValueFrom(of(new Uint8Array(1)).pipe(buildManifest({ name: "a", size: 1 }, sha256)));
    expect(manifest.chunkSize).toBe(256 * kib);
  });

  it.each([
    [4, "more than 4"],
    [6, "5 bytes, expected 6"],
  ])("buildManifest refuses 5 bytes where %i were announced", async (size, message) => {
    const built = lastValueFrom(of(new Uint8Array(5)).pipe(buildManifest({ name: "a", size }, sha256)));
    await expect(built).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: expect.stringContaining(message) as string,
    });
  });

  it("buildManifest starts afresh for every subscriber", async () => {
    const built = of(new Uint8Array(5)).pipe(buildManifest({ name: "a", size: 5 }, sha256));
    expect(await lastValueFrom(built)).toEqual(await lastValueFrom(built));
  });
});

describe("checkManifest", () => {
  const good: Manifest = { name: "a", size: 6, chunkSize: 4, digests: new Uint8Array(64), root: "" };
  const rooted = { ...good, root: manifestRoot(good, sha256) };

  it.each<[string, Partial<Manifest>, string]>([
    ["a negative size", { size: -1 }, "size is -1"],
    ["a size that is no number", { size: NaN }, "size is NaN"],
    ["a size past what numbers hold", { size: 2 ** 53 }, "size is 9007199254740992"],
    ["no chunk size", { chunkSize: 0 }, "chunk size is 0"],
    ["a chunk size past 32 bits", { chunkSize: 2 ** 32 }, "chunk size is 4294967296"],
    ["more chunks than it may cost us", { size: 2 ** 40, chunkSize: 1 }, "expected at most 1048576"],
    [
      "a chunk that costs too much",
      { size: 2 ** 40, chunkSize: 2 ** 26 + 1 },
      "chunks of 67108865 bytes, expected at most",
    ],
    ["a digest too few", { digests: new Uint8Array(32) }, "32 bytes, expected 64"],
    ["half a digest", { digests: new Uint8Array(48) }, "48 bytes, expected 64"],
    ["another size", { size: 7 }, "root"],
    ["another digest", { digests: new Uint8Array(64).fill(1) }, "root"],
    ["its root in capitals", { root: rooted.root.toUpperCase() }, `expected ${rooted.root}`],
  ])("checkManifest refuses %s", (_, change, message) => {
    expect(() => checkManifest({ ...rooted, ...change }, sha256)).toThrow(
      expect.objectContaining({ code: "INVALID_MANIFEST", message: expect.stringContaining(message) as string }),
    );
  });

  it("checkManifest refuses more chunks than the limit given", () => {
    expect(() => checkManifest(rooted, sha256, { maxChunks: 1 })).toThrow("it has 2 chunks, expected at most 1");
    expect(checkManifest(rooted, sha256, { maxChunks: 2 })).toBe(rooted);
  });

  it("checkManifest refuses larger chunks than the limit given, by what they really have", () => {
    expect(() => checkManifest(rooted, sha256, { maxChunkBytes: 3 })).toThrow("chunks of 4 bytes, expected at most 3");
    expect(checkManifest(rooted, sha256, { maxChunkBytes: 4 })).toBe(rooted);
    const small = { name: "a", size: 5, chunkSize: 2 ** 32 - 1, digests: new Uint8Array(32) };
    const root = manifestRoot(small, sha256);
    expect(checkManifest({ ...small, root }, sha256)).toMatchObject(small);
  });

  it("checkManifest takes what chunkSizeFor gives, for files up to 64 TiB", () => {
    for (const size of [2 ** 41, 2 ** 41 + 1, 2 ** 46]) {
      const chunkSize = chunkSizeFor(size);
      expect(() => checkCut({ size, chunkSize })).not.toThrow();
    }
  });
});

describe("hex", () => {
  it("Hex digits are read as they were written, in either case", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes);
      }),
    );
  });

  it.each(["a", "0g", "0x12", " 12 "])("Hex digits are not %j", (text) => {
    expect(fromHex(text)).toBeUndefined();
  });
});
