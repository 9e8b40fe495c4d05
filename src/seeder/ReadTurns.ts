/** Reader that waits in line for a turn to read. */
export interface Reader {
  /** The turn has come: it may begin one read now. */
  wake(): void;
}

/**
 * Bounds the reads that are under way for all clients of a seeder together. A read that has begun cannot be called back, so its turn lasts until
 * it has ended, whoever still wants its bytes. Clients that find no turn free wait in one line: each turn that ends is one read for the first of
 * them, who then stands behind the others again, so that a client that asks for much delays another one by one read.
 */
export class ReadTurns {
  readonly #most: number;
  readonly #line = new Set<Reader>();
  #taken = 0;
  #serving = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a turn, or a place in the line. Each turn that was taken is to be ended. */
  take(reader: Reader): boolean {
    if (this.#taken >= this.#most) {
      this.#line.add(reader);
      return false;
    }
    this.#taken += 1;
    return true;
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
    if (this.#serving) return;
    this.#serving = true;
    for (const reader of this.#line) {
      if (this.#taken >= this.#most) break;
      this.#line.delete(reader);
      reader.wake();
    }
    this.#serving = false;
  }
}
