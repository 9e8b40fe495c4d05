import fc from "fast-check";
import { expect, it } from "vitest";
import { chunkAt, chunkCount } from "../../src/manifest/chunks.js";
import { Bitmap } from "../../src/storage/Bitmap.js";
import { completeBytes } from "../../src/storage/completeBytes.js";

it("Complete bytes are the sum of the lengths of the chunks that are complete", () => {
  const files = fc.record({ size: fc.nat(1000), chunkSize: fc.integer({ min: 1, max: 300 }) });
  fc.assert(
    fc.property(files, fc.array(fc.nat(999)), (cut, picks) => {
      const total = chunkCount(cut);
      const done = new Set(total === 0 ? [] : picks.map((pick) => pick % total));
      const bitmap = [...done].reduce((bits, index) => bits.with(index), Bitmap.empty(total));
      const sum = [...done].reduce((bytes, index) => bytes + chunkAt(cut, index).length, 0);
      expect(completeBytes(cut, bitmap)).toBe(sum);
    }),
  );
});
