/** Reader that waits in line for a turn to read. */
export interface Reader {
  /** The turn has come: it may begin one read now. */
  wake(): void;
}

export interface ReadLimits {
  /** Reads under way. */
  readonly reads: number;
  /** Bytes being read, or read and not yet taken by a transport. */
  readonly bytes: number;
}

/**
 * Bounds the reads that are under way for all clients of a seeder together, and the bytes that they hold. A read that has begun cannot be called back, so its
 * turn lasts until it has ended, whoever still wants its bytes. Clients that find no turn free wait in one line: each turn that ends is one read for the first
 * of them, who then stands behind the others again, so that a client that asks for much delays another one by one read.
 */
export class ReadTurns {
  readonly #most: ReadLimits;
  readonly #line = new Set<Reader>();
  #taken = 0;
  #held = 0;
  #serving = false;

  constructor(most: ReadLimits) {
    this.#most = most;
  }

  /**
   * Takes a turn for so many bytes, or a place in the line. Each turn that was taken is to be ended, and its bytes released. A reader that holds
   * nothing needs no room, so that those who take nothing cannot stop the others.
   */
  take(reader: Reader, bytes: number, holdsNothing: boolean): boolean {
    const { reads, bytes: most } = this.#most;
    if (this.#taken >= reads || (!holdsNothing && this.#held + bytes > most)) {
      this.#line.add(reader);
      return false;
    }
    this.#taken += 1;
    this.#held += bytes;
    return true;
  }

  /** Gives back the room of bytes that were taken, or are not wanted any more. */
  release(bytes: number): void {
    this.#held -= bytes;
    this.#serve();
  }

  end(): void {
    this.#taken -= 1;
    this.#serve();
  }

  leave(reader: Reader): void {
    this.#line.delete(reader);
  }

  /** Calls up who waits. Reads that end while their readers are woken are seen by the loop that already runs. */
  #serve(): void {
    if (this.#serving || this.#line.size === 0) return;
    this.#serving = true;
    // Whoever is woken and finds no room stands in line again, and has had its turn.
    for (const reader of [...this.#line]) {
      if (this.#taken >= this.#most.reads || this.#held >= this.#most.bytes) break;
      this.#line.delete(reader);
      reader.wake();
    }
    this.#serving = false;
  }
}
