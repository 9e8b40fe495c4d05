import type { Receiver } from "../../peers/Peer.js";

export interface DirectReadingHooks {
  /** Called with the first bytes of the body. */
  readonly begun: (bytes: Uint8Array) => void;
  /** Called once, before whoever wants the bytes hears of the end. */
  readonly ended: () => void;
  readonly failed: (error: unknown, hasBegun: boolean) => void;
}

/** The bytes of one request on the direct lane, on their way to whoever wants them: tells how they begin and end. */
export class DirectReading implements Receiver {
  readonly #receiver: Receiver;
  readonly #hooks: DirectReadingHooks;
  #room: Uint8Array | undefined;
  #hasBegun = false;
  #isOver = false;

  constructor(receiver: Receiver, hooks: DirectReadingHooks) {
    this.#receiver = receiver;
    this.#hooks = hooks;
  }

  room(): Uint8Array {
    return (this.#room = this.#receiver.room());
  }

  filled(bytes: number): void {
    if (!this.#hasBegun && this.#room !== undefined) this.#begin(this.#room.subarray(0, bytes));
    this.#receiver.filled(bytes);
  }

  take(bytes: Uint8Array): void {
    if (!this.#hasBegun) this.#begin(bytes);
    this.#receiver.take(bytes);
  }

  complete(): void {
    if (this.giveUp()) this.#receiver.complete();
  }

  fail(error: unknown): void {
    if (this.giveUp()) this.#hooks.failed(error, this.#hasBegun);
  }

  /** Ends the reading, whose bytes have no taker any more; true when it was not over before. */
  giveUp(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#hooks.ended();
    return true;
  }

  #begin(bytes: Uint8Array): void {
    this.#hasBegun = true;
    this.#hooks.begun(bytes);
  }
}
