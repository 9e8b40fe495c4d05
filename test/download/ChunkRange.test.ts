import fc from "fast-check";
import { expect, it } from "vitest";
import { type ChunkRange, withChunk, withoutChunk } from "../../src/download/ChunkRange.js";
import { Bitmap } from "../../src/storage/Bitmap.js";

it("The runs of chunks are those of a set that the same chunks were put into and taken out of", () => {
  const step = fc.record({ chunk: fc.nat(30), isIn: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const set = new Set<number>();
      let ranges: readonly ChunkRange[] = [];
      for (const { chunk, isIn } of steps) {
        if (isIn) set.add(chunk);
        else set.delete(chunk);
        ranges = isIn ? withChunk(ranges, chunk) : withoutChunk(ranges, chunk);
      }
      const runs = [...set].reduce((all, chunk) => all.with(chunk), Bitmap.empty(31)).ranges();
      expect(ranges).toEqual(runs.map(([first, count]) => [first, first + count]));
    }),
  );
});
