/** CRC-32 (IEEE 802.3) of bytes; with the one of all bytes before them, of both. */
export type Crc32 = (bytes: Uint8Array, before?: number) => number;

/** The polynomial, and x to the power of 0 and of 8 modulo it; the highest power is the least significant bit. */
const polynomial = 0xedb88320;
const xToThe0 = 0x80000000;
const xToThe8 = 0x00800000;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = timesX(rest);
  return rest;
});

/**
 * Tables for bytes that have 0 to 7 more behind them, which are taken at once ("slicing by eight", Kounavis and Berry, 2005): six times as fast as one by one.
 */
const tables = Array.from({ length: 8 }, () => new Uint32Array(table));
for (let n = 1; n < 8; n++) {
  tables[n]?.forEach((_, byte, own) => {
    const before = tables[n - 1]?.[byte] ?? 0;
    own[byte] = (table[before & 0xff] ?? 0) ^ (before >>> 8);
  });
}
const [t0 = table, t1 = table, t2 = table, t3 = table, t4 = table, t5 = table, t6 = table, t7 = table] = tables;

/** CRC-32 in plain JavaScript, for platforms that bring none. */
export const crc32: Crc32 = (bytes, before = 0) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let rest = ~before;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const low = view.getUint32(at, true) ^ rest;
    const high = view.getUint32(at + 4, true);
    rest =
      (t7[low & 0xff] ?? 0) ^
      (t6[(low >>> 8) & 0xff] ?? 0) ^
      (t5[(low >>> 16) & 0xff] ?? 0) ^
      (t4[low >>> 24] ?? 0) ^
      (t3[high & 0xff] ?? 0) ^
      (t2[(high >>> 8) & 0xff] ?? 0) ^
      (t1[(high >>> 16) & 0xff] ?? 0) ^
      (t0[high >>> 24] ?? 0);
  }
  for (; at < bytes.length; at++) rest = (table[(rest ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (rest >>> 8);
  return ~rest >>> 0;
};

/**
 * The CRC-32 of two runs of bytes, one behind the other, from those of each: a CRC is a polynomial modulo another one, so that the first is multiplied
 * by x for each bit of the second. After zlib's `crc32_combine`.
 */
export function joinCrc32(first: number, second: number, secondBytes: number): number {
  let joined = first;
  let power = xToThe8; // of 1, 2, 4 ... bytes
  for (let left = secondBytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) joined = product(joined, power);
    power = product(power, power);
  }
  return (joined ^ second) >>> 0;
}

/** Product of two polynomials, modulo the one of the CRC. */
function product(a: number, b: number): number {
  let sum = 0;
  let shifted = b;
  for (let bit = xToThe0; bit > 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= shifted;
    shifted = timesX(shifted);
  }
  return sum >>> 0;
}

function timesX(a: number): number {
  return (a & 1) === 0 ? a >>> 1 : (a >>> 1) ^ polynomial;
}
