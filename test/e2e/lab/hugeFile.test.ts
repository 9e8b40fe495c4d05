import { open, truncate, writeFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { sha256 } from "../../../src/adapters/node/sha256.js";
import { chunkAt, chunkCount } from "../../../src/manifest/chunks.js";
import { plainFile } from "../../../src/manifest/plainFile.js";
import { encodeCheckpoint } from "../../../src/storage/encodeCheckpoint.js";
import { type Content, syntheticContent } from "./content.js";
import { facts, it } from "./harness.js";
import { serve } from "./serve.js";

const size = 5 * 1024 ** 3 + 12_345;

/** What a run left that has fetched all of the file but these chunks; where they are not, nothing takes room on the disk. */
async function leaveAllBut(missing: readonly number[], out: string, mirror: string): Promise<void> {
  const { root, chunkSize } = plainFile({ name: "copy", size }, sha256);
  const count = chunkCount({ size, chunkSize });
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (let index = 0; index < count; index++) {
    if (!missing.includes(index)) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  }
  const record = { root, name: "copy", size, chunkSize, complete: bits, savedAt: 0 };
  const none = { frontiers: {}, failed: [], peers: {}, resumes: 0 };
  const { etag, lastModified } = facts;
  const mirrors = { [mirror]: { etag, lastModified } };
  await writeFile(`${out}.part.json`, JSON.stringify(encodeCheckpoint({ version: 1, ...record, ...none, mirrors })));
  await writeFile(`${out}.part`, "");
  await truncate(`${out}.part`, size);
}

/** The same bytes in these chunks, and zeros elsewhere, as a file has them where nothing was written. */
function zerosBut(chunks: readonly number[], content: Content, chunkSize: number): Content {
  const read = (position: number, length: number): Buffer => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, content.size - position)));
    for (const { offset, length: chunkLength } of chunks.map((index) => chunkAt({ size, chunkSize }, index))) {
      const [from, to] = [Math.max(offset, position), Math.min(offset + chunkLength, position + bytes.length)];
      if (from < to) content.read(from, to - from).copy(bytes, from - position);
    }
    return bytes;
  };
  return { ...content, read };
}

async function bytesAt(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(length), 0, length, position)).buffer;
  } finally {
    await file.close();
  }
}

describe("a file of more than 4 GiB", () => {
  it("A file of more than 4 GiB has each byte at its place, on both sides of 2^32 and at its end", async ({ lab }) => {
    const file = plainFile({ name: "copy", size }, sha256);
    const border = 2 ** 32 / file.chunkSize;
    const last = chunkCount(file) - 1;
    const missing = [border - 1, border, last - 1, last];
    const content = zerosBut(missing, syntheticContent(size), file.chunkSize);
    const server = await lab.start(serve(content, facts));
    await leaveAllBut(missing, lab.out, server.url);

    const get = lab.get();
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(get.all("download-started")).toMatchObject([
      { resumedChunks: last - 3, manifest: { size, chunkCount: last + 1 } },
    ]);
    expect(
      get
        .all("chunk-stored")
        .map(({ chunk }) => chunk)
        .sort((a, b) => a - b),
    ).toEqual(missing);
    for (const index of missing) {
      const { offset, length } = chunkAt(file, index);
      expect((await bytesAt(lab.out, offset, length)).equals(content.read(offset, length))).toBe(true);
    }
    const before = chunkAt(file, border - 2);
    expect((await bytesAt(lab.out, before.offset, before.length)).every((byte) => byte === 0)).toBe(true);
    const wanted = missing.reduce((sum, index) => sum + chunkAt(file, index).length, 0);
    expect(get.account).toMatchObject({ size, done: size, verified: 0, received: wanted, resumed: size - wanted });
  });
});
