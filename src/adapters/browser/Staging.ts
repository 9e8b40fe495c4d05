/** Bytes at a place of a file. */
export interface PlacedBytes {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const endOf = ({ offset, bytes }: PlacedBytes): number => offset + bytes.length;

/**
 * Memory in which what is written is gathered, so that neighbours go on together: used again and again, because in a page fresh memory costs more than
 * what is done with it.
 */
export class Staging {
  readonly #memory: Uint8Array<ArrayBuffer>;
  #used = 0;
  /** In the order in which they came. */
  #all: PlacedBytes[] = [];

  constructor(bytes: number) {
    this.#memory = new Uint8Array(bytes);
  }

  /** True when so many bytes for this place can be taken: there is room, and nothing that came before lies there. */
  fits(offset: number, length: number): boolean {
    const overlaps = this.#all.some((each) => each.offset < offset + length && offset < endOf(each));
    return this.#used + length <= this.#memory.length && !overlaps;
  }

  /** Takes a copy of bytes that fit. */
  take(offset: number, bytes: Uint8Array): void {
    this.#memory.set(bytes, this.#used);
    const last = this.#all.at(-1);
    const own = this.#memory.subarray(this.#used, this.#used + bytes.length);
    this.#used += bytes.length;
    if (last !== undefined && endOf(last) === offset) {
      const joined = new Uint8Array(own.buffer, last.bytes.byteOffset, last.bytes.length + own.length);
      this.#all.splice(-1, 1, { offset: last.offset, bytes: joined });
    } else this.#all.push({ offset, bytes: own });
  }

  /** A copy of bytes that lie here side by side; `undefined` where they do not. */
  copy(offset: number, length: number): Uint8Array<ArrayBuffer> | undefined {
    const found = this.#all.find((each) => each.offset <= offset && offset + length <= endOf(each));
    return found?.bytes.slice(offset - found.offset, offset - found.offset + length);
  }

  /** The bytes gathered, neighbours by neighbours, which are good until the next ones are taken. */
  empty(): readonly (readonly PlacedBytes[])[] {
    const runs: PlacedBytes[][] = [];
    for (const each of this.#all.sort((a, b) => a.offset - b.offset)) {
      const run = runs.at(-1);
      const before = run?.at(-1);
      if (run !== undefined && before !== undefined && endOf(before) === each.offset) run.push(each);
      else runs.push([each]);
    }
    this.#all = [];
    this.#used = 0;
    return runs;
  }
}
