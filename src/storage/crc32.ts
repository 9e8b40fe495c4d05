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

/** CRC-32 in plain JavaScript, for platforms that bring none. */
export const crc32: Crc32 = (bytes, before = 0) => {
  let rest = ~before;
  for (const byte of bytes) rest = (table[(rest ^ byte) & 0xff] ?? 0) ^ (rest >>> 8);
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
