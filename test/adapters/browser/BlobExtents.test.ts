import fc from "fast-check";
import { expect, it } from "vitest";
import { BlobExtents } from "../../../src/adapters/browser/BlobExtents.js";

const size = 60;
const write = fc.record({
  offset: fc.nat(size),
  bytes: fc.uint8Array({ maxLength: 20 }),
  isLookedAt: fc.boolean(),
});

it("A file in Blobs has at each place what was written there last, and 0 where nobody wrote", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 12 }), fc.nat(size), fc.nat(size), async (writes, start, length) => {
      const extents = new BlobExtents();
      const expected = new Uint8Array(2 * size);
      let end = 0;
      for (const { offset, bytes, isLookedAt } of writes) {
        extents.put(offset, bytes);
        expected.set(bytes, offset);
        if (bytes.length > 0) end = Math.max(end, offset + bytes.length);
        // A look ends what is gathered, so that the next write meets a Blob.
        if (isLookedAt) extents.range(0, 1);
      }
      expect(extents.end).toBe(end);
      const fresh = extents.fresh(start, start + length);
      if (fresh !== undefined) expect([...fresh]).toEqual([...expected.subarray(start, start + length)]);
      const seen = new Uint8Array(await extents.range(start, start + length).arrayBuffer());
      expect([...seen]).toEqual([...expected.subarray(start, Math.max(start, Math.min(end, start + length)))]);
    }),
  );
});

it("A file in Blobs that is cut ends there, and goes on from there", async () => {
  const extents = new BlobExtents();
  extents.put(0, Uint8Array.of(1, 2, 3, 4));
  extents.put(6, Uint8Array.of(7));
  extents.truncate(3);
  expect(extents.end).toBe(3);
  extents.put(4, Uint8Array.of(5));
  expect([...new Uint8Array(await extents.range(0, 9).arrayBuffer())]).toEqual([1, 2, 3, 0, 5]);
});

it("A file in Blobs keeps what it was given, whatever becomes of the memory", async () => {
  const extents = new BlobExtents();
  const memory = new Uint8Array(17 * 1024 * 1024).fill(1);
  extents.put(0, memory);
  memory.fill(2);
  extents.put(memory.length, memory);
  const all = new Uint8Array(await extents.range(0, Infinity).arrayBuffer());
  expect(all).toHaveLength(2 * memory.length);
  expect([all[0], all[memory.length - 1], all[memory.length], all.at(-1)]).toEqual([1, 1, 2, 2]);
});
