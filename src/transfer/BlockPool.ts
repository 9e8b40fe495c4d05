import type { NewHasher } from "../manifest/Hasher.js";

const mebibyte = 1024 * 1024;
/** Chunks that are larger go through blocks of this size, one after the other. */
const mostBlockBytes = mebibyte;
/** Size of blocks where the digest of a chunk that is all here is made in another way than piece by piece. */
const mostWholeBytes = 8 * mebibyte;

/** How large the memory is in which a chunk of this size grows, bytes. */
export function blockBytesFor(chunkSize: number, hash?: Pick<NewHasher, "whole">): number {
  return Math.min(chunkSize, hash?.whole === undefined ? mostBlockBytes : mostWholeBytes);
}

/**
 * The memory in which chunks grow: blocks of one size, used again and again, the one that was given back last first, while it may
 * still be in the processor's cache. How many there are is bounded by who takes them: legs in flight, and what waits to be stored.
 */
export class BlockPool {
  readonly blockBytes: number;
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #free: Uint8Array[] = [];

  constructor(blockBytes: number, allocate = (bytes: number): Uint8Array => new Uint8Array(bytes)) {
    this.blockBytes = blockBytes;
    this.#allocate = allocate;
  }

  take(): Uint8Array {
    return this.#free.pop() ?? this.#allocate(this.blockBytes);
  }

  /** Takes a block back that nobody reads or writes any more. */
  give(block: Uint8Array): void {
    this.#free.push(block);
  }
}
