/** Bits of the `count` chunks that are there, bit i (least significant first) of byte i >> 3 for chunk i. */
export function packBits(count: number, has: (chunk: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (let chunk = 0; chunk < count; chunk += 1) {
    if (has(chunk)) bits[chunk >> 3] = (bits[chunk >> 3] ?? 0) | (1 << (chunk & 7));
  }
  return bits;
}

/** How many bits are set. */
export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** Tells whether the bit of a chunk is set; chunks behind the end are not there. */
export function hasBit(bits: Uint8Array, chunk: number): boolean {
  return (((bits[chunk >> 3] ?? 0) >> (chunk & 7)) & 1) === 1;
}
