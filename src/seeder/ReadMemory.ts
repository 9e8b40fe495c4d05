import { maxDataBytes } from "../protocol/protocol.js";

/** Blocks that wait to be used again: as many as a few clients with fast lines have under way. */
const mostFree = 32;

/**
 * The memory into which a seeder has full blocks read, used again when a transport has written what was in it. Memory that is new for each block makes V8
 * collect garbage forty times a GiB, which takes more time than all else that a seeder does. Smaller blocks, of slow lines and of clients that want
 * small frames, have memory of their own, so that nothing holds more than is counted for it.
 */
export class ReadMemory {
  readonly #free: Uint8Array[] = [];

  /** Memory for a read of `length` bytes; nothing where that is no full block. */
  take(length: number): Uint8Array | undefined {
    if (length !== maxDataBytes) return undefined;
    return this.#free.pop() ?? new Uint8Array(length);
  }

  /** Takes back memory that was taken, and that nobody reads or writes any more. Memory that is never given back is garbage like any other. */
  give(memory: Uint8Array): void {
    if (this.#free.length < mostFree) this.#free.push(memory);
  }
}
