import { forkJoin, map, type MonoTypeOperatorFunction, type Observable, reduce, ReplaySubject, take, tap } from "rxjs";

const pieceBytes = 64;
const mostPieces = 16;

/** A few bytes of what came, by which another place is compared that claims to have the same file. */
export class ByteSamples {
  readonly #pieces = new Map<number, Uint8Array>();
  readonly #kept = new ReplaySubject<void>(1);
  /** Emits once, when there is one. */
  readonly some: Observable<void> = this.#kept.pipe(take(1));

  get isEmpty(): boolean {
    return this.#pieces.size === 0;
  }

  /** Keeps the first bytes of what passes, which begins at this position of the file. The oldest piece of all stays, and the newest. */
  keep(position: number): MonoTypeOperatorFunction<Uint8Array> {
    let isKept = false;
    return tap((bytes) => {
      if (isKept || bytes.length === 0) return;
      isKept = true;
      this.keepOne(position, bytes);
    });
  }

  /** Keeps the first of these bytes, which lie at this position of the file. */
  keepOne(position: number, bytes: Uint8Array): void {
    // Later bytes have to agree with the first that came there.
    if (this.#pieces.has(position)) return;
    const [, second] = this.#pieces.keys();
    if (second !== undefined && this.#pieces.size === mostPieces) this.#pieces.delete(second);
    // A copy: `slice` of what is a Buffer is the same memory, which is used again.
    this.#pieces.set(position, new Uint8Array(bytes.subarray(0, pieceBytes)));
    this.#kept.next();
  }

  /** True when a place has the same bytes as the first, the middle and the last of the samples; `ask` brings bytes of it. Emits once; errors as `ask` does. */
  agrees(ask: (position: number, length: number) => Observable<Uint8Array>): Observable<boolean> {
    const all = [...this.#pieces];
    const chosen = new Map([0, all.length >> 1, all.length - 1].flatMap((index) => all.slice(index, index + 1)));
    const answers = Array.from(chosen, ([position, ours]) =>
      ask(position, ours.length).pipe(
        reduce<Uint8Array, number[]>((before, bytes) => [...before, ...bytes], []),
        map((theirs) => ours.every((byte, at) => byte === theirs[at])),
      ),
    );
    return forkJoin(answers).pipe(map((same) => same.every(Boolean)));
  }
}
