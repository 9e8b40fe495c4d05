/** Bytes of a file as one read brought them, cut into frames; tells when the last of them was written, so that their memory may be used again. */
export class ReadBlock {
  #rest: Uint8Array;
  readonly #onFree: () => void;
  /** Frames that the transport has yet to write, and one for the rest. */
  #uses = 1;

  constructor(bytes: Uint8Array, onFree: () => void) {
    this.#rest = bytes;
    this.#onFree = onFree;
  }

  /** Bytes that no frame has taken. */
  get length(): number {
    return this.#rest.length;
  }

  /** The next bytes, `most` at most. A call of `written` is owed for them, unless they never were. */
  cut(most: number): Uint8Array {
    const bytes = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(most);
    if (this.#rest.length > 0) this.#uses += 1;
    return bytes;
  }

  /** The transport has written bytes that were cut, and does not need them any more. */
  written(): void {
    this.#uses -= 1;
    if (this.#uses === 0) this.#onFree();
  }

  /** Leaves the rest to nobody. */
  leave(): void {
    if (this.#rest.length > 0) this.written();
  }
}
