const bitsAPage = 4096;
const bytesAPage = bitsAPage / 8;

/** Chunks of a file, by their 0-based indices. */
export interface ChunkSet {
  /** How many there are. */
  readonly count: number;
  has(index: number): boolean;
}

/**
 * Set of those of `length` things that are done. Immutable: `with` gives a new bitmap that shares every page but the changed one, so a
 * snapshot costs 512 bytes however large the file is.
 */
export class Bitmap implements ChunkSet {
  readonly length: number;
  /** How many bits are set. */
  readonly count: number;
  readonly #pages: readonly Uint8Array[];

  private constructor(length: number, count: number, pages: readonly Uint8Array[]) {
    this.length = length;
    this.count = count;
    this.#pages = pages;
  }

  static empty(length: number): Bitmap {
    const page = new Uint8Array(bytesAPage);
    return new Bitmap(length, 0, Array<Uint8Array>(Math.ceil(length / bitsAPage)).fill(page));
  }

  /**
   * Reads what `toBytes` wrote.
   *
   * @throws RangeError when the bytes are not those of a bitmap of this length.
   */
  static from(bytes: Uint8Array, length: number): Bitmap {
    const expected = Math.ceil(length / 8);
    if (bytes.length !== expected)
      throw new RangeError(`a bitmap of ${length} has ${bytes.length} bytes, expected ${expected}`);
    if (length % 8 !== 0 && bytes.subarray(-1).some((byte) => byte >> (length % 8) !== 0)) {
      throw new RangeError(`a bitmap of ${length} has bits set behind its end`);
    }
    const pages = Array.from({ length: Math.ceil(length / bitsAPage) }, (_, page) => {
      const copy = new Uint8Array(bytesAPage);
      copy.set(bytes.subarray(page * bytesAPage, (page + 1) * bytesAPage));
      return copy;
    });
    return new Bitmap(length, countBits(bytes), pages);
  }

  has(index: number): boolean {
    return ((this.#byteOf(index) >> (index & 7)) & 1) === 1;
  }

  /** The bitmap with one more bit; itself when the bit is set already. */
  with(index: number): Bitmap {
    if (this.has(index)) return this;
    const byte = this.#byteOf(index) | (1 << (index % 8));
    const changed = Math.floor(index / bitsAPage);
    const pages = this.#pages.map((page, at) => (at === changed ? page.with((index % bitsAPage) >> 3, byte) : page));
    return new Bitmap(this.length, this.count + 1, pages);
  }

  /** The bitmap without these bits. */
  without(indices: Iterable<number>): Bitmap {
    const bytes = this.toBytes();
    for (const index of indices)
      if (this.has(index)) bytes[index >> 3] = (bytes[index >> 3] ?? 0) & ~(1 << (index % 8));
    return Bitmap.from(bytes, this.length);
  }

  /** Runs of bits that are set, each by its first and how many they are. */
  ranges(): readonly (readonly [from: number, count: number])[] {
    const ranges: [from: number, count: number][] = [];
    for (let index = 0; index < this.length; index += 1) {
      if (!this.has(index)) continue;
      const last = ranges.at(-1);
      if (last !== undefined && last[0] + last[1] === index) last[1] += 1;
      else ranges.push([index, 1]);
    }
    return ranges;
  }

  /** Bit i, least significant first, of byte i >> 3. A copy. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.length / 8));
    this.#pages.forEach((page, at) => {
      const start = at * bytesAPage;
      bytes.set(page.subarray(0, bytes.length - start), start);
    });
    return bytes;
  }

  #byteOf(index: number): number {
    // No whole number from 0 up is another one as 32 bits without a sign.
    if (index >>> 0 !== index || index >= this.length) {
      throw new RangeError(`bit ${index} does not exist: the bitmap has ${this.length}, counted from 0`);
    }
    return this.#pages[index >>> 12]?.[(index & (bitsAPage - 1)) >> 3] ?? 0;
  }
}

function countBits(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
