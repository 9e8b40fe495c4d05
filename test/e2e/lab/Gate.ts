import { once } from "node:events";
import type { Ask, Body, Fault } from "./Exchange.js";
import { alter } from "./faults/alter.js";

/** Lets so many bytes of bodies through, of all connections together, and then none until it is opened. */
export class Gate {
  readonly #opened = new AbortController();
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  open(): void {
    this.#opened.abort();
  }

  /** Puts it before a server. */
  get fault(): Fault {
    return alter((answer, ask) => ({ ...answer, body: this.#through(answer.body, ask) }));
  }

  async *#through(body: Body, { gone }: Ask): AsyncGenerator<Buffer> {
    for await (const piece of body) {
      const now = this.#opened.signal.aborted ? piece.length : Math.min(piece.length, this.#left);
      this.#left -= now;
      yield piece.subarray(0, now);
      if (now === piece.length) continue;
      if (!this.#opened.signal.aborted) await once(AbortSignal.any([gone, this.#opened.signal]), "abort");
      gone.throwIfAborted();
      yield piece.subarray(now);
    }
  }
}
