import { chunkAt, chunkCount } from "../manifest/chunks.js";
import type { Manifest } from "../manifest/Manifest.js";
import { grainBytes } from "./samplingDigest.js";

const [missing, right, wrong] = [0, 1, 2] as const;

/** The grains of a file that were written right: a byte for each chunk that is right, a few for each that is begun. */
export class GrainMap {
  readonly #manifest: Pick<Manifest, "size" | "chunkSize">;
  readonly #whole: Uint8Array;
  #wholeCount = 0;
  /** For each chunk that is begun, what each grain of it is. */
  readonly #begun = new Map<number, Uint8Array>();

  constructor(manifest: Pick<Manifest, "size" | "chunkSize">) {
    this.#manifest = manifest;
    this.#whole = new Uint8Array(chunkCount(manifest));
  }

  /** Chunks of which every grain is right. */
  get wholeCount(): number {
    return this.#wholeCount;
  }

  /** Tells whether the grain at a place of the file was written right, and is so still. */
  isRight(position: number): boolean {
    const { chunkSize } = this.#manifest;
    const index = Math.floor(position / chunkSize);
    if (this.#whole[index] === 1) return true;
    return this.#begun.get(index)?.[Math.floor((position % chunkSize) / grainBytes)] === right;
  }

  /** Bytes of one chunk were written, right or wrong. */
  mark(offset: number, length: number, isRight: boolean): void {
    const index = Math.floor(offset / this.#manifest.chunkSize);
    const start = offset - index * this.#manifest.chunkSize;
    const wasWhole = this.#whole[index] === 1;
    if (wasWhole && isRight) return;
    const grains = this.#begun.get(index) ?? new Uint8Array(this.#grainsOf(index)).fill(wasWhole ? right : missing);
    grains.fill(isRight ? right : wrong, Math.floor(start / grainBytes), Math.ceil((start + length) / grainBytes));
    const isWhole = grains.every((each) => each === right);
    this.#whole[index] = isWhole ? 1 : 0;
    this.#wholeCount += Number(isWhole) - Number(wasWhole);
    if (isWhole) this.#begun.delete(index);
    else this.#begun.set(index, grains);
  }

  #grainsOf(index: number): number {
    return Math.ceil(chunkAt(this.#manifest, index).length / grainBytes);
  }
}
