const mostBytes = 256 * 1024;

/**
 * Pieces that come in one turn of the event loop, as one: each piece costs its way to the disk, and a fast connection brings several at a time.
 * They are passed on at the end of the turn, or at once when they are 256 KiB.
 */
export class Gathering {
  readonly #pass: (bytes: Uint8Array) => void;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #turn: NodeJS.Immediate | undefined;

  constructor(pass: (bytes: Uint8Array) => void) {
    this.#pass = pass;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes >= mostBytes) this.passOn();
    else this.#turn ??= setImmediate(() => this.passOn());
  }

  passOn(): void {
    const [first, ...others] = this.#pieces;
    if (first === undefined) return;
    const all = others.length === 0 ? first : Buffer.concat(this.#pieces, this.#bytes);
    this.drop();
    this.#pass(all);
  }

  drop(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#pieces = [];
    this.#bytes = 0;
  }
}
