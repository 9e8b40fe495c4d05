import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkCount } from "../../src/manifest/chunks.js";
import { Bitmap } from "../../src/storage/Bitmap.js";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import { recut } from "../../src/storage/recut.js";

const checkpoint = (
  size: number,
  chunkSize: number,
  complete: readonly number[],
  frontiers: Record<string, number>,
) => ({
  version: 1 as const,
  ...{ root: "r", name: "film.mkv", size, chunkSize, failed: [], peers: {}, resumes: 0, savedAt: 0, frontiers },
  complete: complete.reduce((all, index) => all.with(index), Bitmap.empty(chunkCount({ size, chunkSize }))).toBytes(),
});

/** Which bytes of the file a checkpoint claims. */
function claims({ size, chunkSize, complete, frontiers }: Checkpoint): readonly boolean[] {
  const done = Bitmap.from(complete, chunkCount({ size, chunkSize }));
  return Array.from({ length: size }, (_, at) => {
    const index = Math.floor(at / chunkSize);
    return done.has(index) || at - index * chunkSize < (frontiers[index] ?? 0);
  });
}

describe("recut", () => {
  it("Small chunks are joined to large ones, up to the first gap", () => {
    const { complete, ...rest } = recut(checkpoint(20, 2, [0, 1, 2, 3, 4, 6, 8, 9], { 5: 1 }), 8);
    expect([...complete]).toEqual([0b101]);
    expect(rest).toMatchObject({ chunkSize: 8, frontiers: { 1: 3 } });
  });

  it("Large chunks are cut into small ones", () => {
    const { complete, ...rest } = recut(checkpoint(20, 8, [2], { 0: 5 }), 2);
    expect([...complete]).toEqual([0b11, 0b11]);
    expect(rest).toMatchObject({ chunkSize: 2, frontiers: { 2: 1 } });
  });

  it("A checkpoint that is cut anew claims each byte that was claimed and has no gap before it in its chunk, and no other", () => {
    const file = fc.record({
      size: fc.nat(40),
      before: fc.integer({ min: 1, max: 9 }),
      after: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        file,
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(fc.nat(8)),
        ({ size, before, after }, done, part) => {
          const indices = Array.from({ length: chunkCount({ size, chunkSize: before }) }, (_, index) => index);
          const complete = indices.filter(() => done.next().value);
          const lengthOf = (index: number): number => Math.min(before, size - index * before);
          const unfinished = indices.filter((index) => !complete.includes(index));
          const frontiers = Object.fromEntries(
            unfinished
              .map((index) => [index, (part.next().value as number) % lengthOf(index)] as const)
              .filter(([, length]) => length > 0),
          );
          const saved = checkpoint(size, before, complete, frontiers);
          const had = claims(saved);
          const expected = had.map((_, at) => had.slice(at - (at % after), at + 1).every(Boolean));
          expect(claims(recut(saved, after))).toEqual(expected);
        },
      ),
    );
  });
});
