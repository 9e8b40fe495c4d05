import { defer, finalize, type Observable, Subscription } from "rxjs";
import type { ReadMemory } from "./ReadMemory.js";
import type { Reader, ReadTurns } from "./ReadTurns.js";

export interface ReadAheadParts {
  /** Bytes that may be held. */
  readonly limit: number;
  readonly turns: ReadTurns;
  readonly memory: ReadMemory;
  /** Called when a read may begin that found no turn before. */
  readonly onTurn: () => void;
}

/** How a read ended: with the bytes that it emitted, if any, or with what it died of. */
export interface ReadEnd {
  readonly bytes?: Uint8Array | undefined;
  readonly failure?: unknown;
}

/**
 * The reads of one connection, and the bytes that it holds: being read, or read and not yet taken by the transport. A read holds its
 * room and its turn until the read has ended, also when nobody wants the bytes any more: they are in memory all the same.
 */
export class ReadAhead implements Reader {
  readonly #parts: ReadAheadParts;
  readonly #reads = new Subscription();
  #held = 0;
  #underWay = 0;
  /** Bytes of the reads under way. */
  #reading = 0;
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(parts: ReadAheadParts) {
    this.#parts = parts;
  }

  /** Memory for what is read. */
  get memory(): ReadMemory {
    return this.#parts.memory;
  }

  /**
   * Begins a read of `length` bytes, if there is room and a turn for it; one read always has room, however small the limit. `ended` is called
   * once, and the room is held until `release`.
   */
  begin(length: number, read: () => Observable<Uint8Array>, ended: (end: ReadEnd) => void): boolean {
    const { limit, turns } = this.#parts;
    if (this.#held > 0 && this.#held + length > limit) return false;
    if (!turns.take(this, length, this.#held === 0)) return false;
    this.#held += length;
    this.#reading += length;
    this.#underWay += 1;
    let bytes: Uint8Array | undefined;
    // A source that throws where it should emit an error must not take the other requests with it.
    const reading = defer(read).pipe(finalize(() => this.#endTurn(length)));
    this.#reads.add(
      reading.subscribe({
        next: (value) => (bytes = value),
        error: (error: unknown) => ended({ failure: error ?? new Error("reading failed without a reason") }),
        complete: () => ended({ bytes }),
      }),
    );
    return true;
  }

  release(bytes: number): void {
    // All that a connection held was given back when it ended.
    if (this.#closed) return;
    this.#held -= bytes;
    this.#parts.turns.release(bytes);
  }

  wake(): void {
    this.#parts.onTurn();
  }

  /**
   * Begins no more reads and gives back the room of what was read; calls back when the reads that are under way have ended, at once when there
   * are none.
   */
  close(onIdle: () => void): void {
    this.#closed = true;
    this.#parts.turns.leave(this);
    this.#parts.turns.release(this.#held - this.#reading);
    if (this.#underWay === 0) onIdle();
    else this.#onIdle = onIdle;
  }

  /** Gives up all reads, whether they can be called back or not. */
  abandon(): void {
    this.#reads.unsubscribe();
  }

  #endTurn(length: number): void {
    this.#underWay -= 1;
    this.#reading -= length;
    if (this.#closed) this.#parts.turns.release(length);
    this.#parts.turns.end();
    if (this.#underWay === 0) this.#onIdle?.();
  }
}
