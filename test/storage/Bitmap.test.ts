import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bitmap } from "../../src/storage/Bitmap.js";

describe("Bitmap", () => {
  it("A bitmap knows what was set, counts it and leaves its ancestors alone", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.array(fc.nat(9999)), (length, picks) => {
        const indexes = picks.map((pick) => pick % length);
        const empty = Bitmap.empty(length);
        const full = indexes.reduce((bitmap, index) => bitmap.with(index), empty);
        const expected = new Set(indexes);
        expect(full.count).toBe(expected.size);
        expect(empty.count).toBe(0);
        for (const index of [0, length - 1, ...indexes]) {
          expect(full.has(index)).toBe(expected.has(index));
          expect(empty.has(index)).toBe(false);
        }
        expect(Bitmap.from(full.toBytes(), length)).toEqual(full);
        expect(Bitmap.from(full.toBytes(), length).toBytes()).toEqual(full.toBytes());
      }),
    );
  });

  it("A bitmap puts bit i into byte i / 8, the least significant first", () => {
    expect(Bitmap.empty(20).with(0).with(9).with(19).toBytes()).toEqual(Uint8Array.of(1, 2, 8));
  });

  it("A bitmap tells the runs of what is set", () => {
    const bitmap = [0, 1, 4095, 4096, 4097, 4100].reduce((all, index) => all.with(index), Bitmap.empty(4101));
    expect(bitmap.ranges()).toEqual([
      [0, 2],
      [4095, 3],
      [4100, 1],
    ]);
    expect(Bitmap.empty(0).ranges()).toEqual([]);
  });

  it("A bitmap crosses the border of a page", () => {
    const bitmap = Bitmap.empty(4097).with(4095).with(4096);
    expect([4094, 4095, 4096].map((index) => bitmap.has(index))).toEqual([false, true, true]);
    expect(bitmap.toBytes().slice(-2)).toEqual(Uint8Array.of(128, 1));
  });

  it("A bitmap is itself when the bit is set already", () => {
    const bitmap = Bitmap.empty(3).with(1);
    expect(bitmap.with(1)).toBe(bitmap);
  });

  it("A bitmap of nothing has no bytes", () => {
    expect(Bitmap.empty(0).toBytes()).toEqual(new Uint8Array(0));
    expect(Bitmap.from(new Uint8Array(0), 0).count).toBe(0);
  });

  it("A bitmap does not see what happens to the bytes it was read from", () => {
    const bytes = Uint8Array.of(0);
    const bitmap = Bitmap.from(bytes, 8);
    bytes[0] = 255;
    expect(bitmap.has(0)).toBe(false);
  });

  it.each([-1, 3, 1.5, NaN])("A bitmap of three has no bit %d", (index) => {
    expect(() => Bitmap.empty(3).has(index)).toThrow(RangeError);
    expect(() => Bitmap.empty(3).with(index)).toThrow(`bit ${index} does not exist`);
  });

  it("A bitmap is not read from bytes of another length, nor from such with bits behind the end", () => {
    expect(() => Bitmap.from(new Uint8Array(2), 8)).toThrow("has 2 bytes, expected 1");
    expect(() => Bitmap.from(Uint8Array.of(0b1000), 3)).toThrow("bits set behind its end");
  });
});
