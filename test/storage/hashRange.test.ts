import { firstValueFrom, lastValueFrom, of, Subject, tap, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { hashRange } from "../../src/storage/hashRange.js";
import { readRange } from "../../src/storage/readRange.js";

const mebibyte = 1024 * 1024;
const bytes = Uint8Array.from({ length: 5 * mebibyte + 7 }, (_, index) => (index * 31) % 253);

/** A sink with those bytes, which notes how much is asked of it at a time. */
function sinkOf(stored: Uint8Array) {
  const sink = memorySink();
  const asked: number[] = [];
  sink.open(stored.length).subscribe();
  sink.write(0, stored).subscribe();
  const read = (offset: number, length: number) => sink.read(offset, length).pipe(tap(() => asked.push(length)));
  return { read, asked };
}

const digestOf = (part: Uint8Array) => {
  const hasher = sha256();
  hasher.update(part);
  return hasher.digest();
};

describe("hashRange", () => {
  it.each([0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte, 5 * mebibyte])(
    "The hash of a range is the digest of its %d bytes, read a mebibyte at a time",
    async (length) => {
      const sink = sinkOf(bytes);
      const found = await firstValueFrom(hashRange(sink, { offset: 7, length }, sha256));
      expect(found).toEqual(digestOf(bytes.subarray(7, 7 + length)));
      expect(Math.max(0, ...sink.asked)).toBeLessThanOrEqual(mebibyte);
      expect(sink.asked.reduce((sum, each) => sum + each, 0)).toBe(length);
    },
  );

  it.each([1, mebibyte, 2 * mebibyte])(
    "The hash of a range is none where %d bytes are missing at the end",
    async (missing) => {
      const sink = sinkOf(bytes.subarray(0, 2 * mebibyte + 5));
      const range = { offset: 5, length: 2 * mebibyte + missing };
      expect(await firstValueFrom(hashRange(sink, range, sha256))).toBeUndefined();
    },
  );

  it("The hash of a range begins anew for every subscriber", async () => {
    const hash = hashRange(sinkOf(bytes), { offset: 0, length: 10 }, sha256);
    expect(await firstValueFrom(hash)).toEqual(await firstValueFrom(hash));
  });
});

describe("readRange", () => {
  it("readRange gives what is there, and asks for no more behind the end", async () => {
    const sink = sinkOf(bytes.subarray(0, mebibyte + 5));
    const pieces = await lastValueFrom(readRange(sink, 0, 4 * mebibyte).pipe(toArray()));
    expect(pieces.map((piece) => piece.length)).toEqual([mebibyte, 5]);
    expect(sink.asked).toHaveLength(2);
  });

  it("readRange reads a piece when the one before was taken, and none after an unsubscribe", () => {
    const reads = Array.from({ length: 3 }, () => new Subject<Uint8Array>());
    let asked = 0;
    const read = () => reads[asked++] ?? of(new Uint8Array(0));
    const subscription = readRange({ read }, 0, 3 * mebibyte).subscribe();
    expect(asked).toBe(1);
    reads[0]?.next(new Uint8Array(mebibyte));
    reads[0]?.complete();
    expect(asked).toBe(2);
    subscription.unsubscribe();
    expect(reads[1]?.observed).toBe(false);
  });
});
