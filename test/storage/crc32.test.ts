import { crc32 as zlibs } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32, joinCrc32 } from "../../src/storage/crc32.js";

const bytes = fc.uint8Array({ maxLength: 2000 });

it("A CRC-32 in plain JavaScript is that of zlib, in one go and going on", () => {
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      expect(crc32(first)).toBe(zlibs(first));
      expect(crc32(second, crc32(first))).toBe(zlibs(Buffer.concat([first, second])));
    }),
  );
});

it("Two CRC-32 are joined to that of all bytes, whichever is of none", () => {
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      expect(joinCrc32(crc32(first), crc32(second), second.length)).toBe(zlibs(Buffer.concat([first, second])));
    }),
  );
});

it("A CRC-32 is joined behind more bytes than 32 bits count", () => {
  const [one, byte] = [Buffer.from("a"), crc32(Uint8Array.of(0))];
  // 2^33 zeros, by joining them with themselves.
  let zeros = byte;
  for (let power = 0; power < 33; power++) zeros = joinCrc32(zeros, zeros, 2 ** power);
  const both = joinCrc32(zeros, zlibs(one), 1);
  expect(joinCrc32(zlibs(one), both, 2 ** 33 + 1)).toBe(
    joinCrc32(joinCrc32(zlibs(one), zeros, 2 ** 33), zlibs(one), 1),
  );
});
