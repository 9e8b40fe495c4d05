const bytesEach = 4;

/** The CRC-32 of each of `length` chunks, as far as they are known: four bytes each. One that happens to be 0 counts as not known. */
export class ChunkSums {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(length: number) {
    this.#bytes = new Uint8Array(bytesEach * length);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /**
   * Reads what `toBytes` wrote.
   *
   * @throws RangeError when there are more or fewer than `length`.
   */
  static from(bytes: Uint8Array, length: number): ChunkSums {
    const sums = new ChunkSums(length);
    const expected = bytesEach * length;
    if (bytes.length !== expected) {
      throw new RangeError(`the sums of ${length} chunks have ${bytes.length} bytes, expected ${expected}`);
    }
    sums.#bytes.set(bytes);
    return sums;
  }

  get(index: number): number | undefined {
    const sum = this.#view.getUint32(bytesEach * index);
    return sum === 0 ? undefined : sum;
  }

  set(index: number, sum: number | undefined): void {
    this.#view.setUint32(bytesEach * index, sum ?? 0);
  }

  /** A copy. */
  toBytes(): Uint8Array {
    return this.#bytes.slice();
  }
}
