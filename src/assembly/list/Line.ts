import { Heap, type HeapMember } from "../../peers/Heap.js";
import type { FileRun, Standing } from "./FileRun.js";

interface Turn extends HeapMember, Standing {
  readonly file: FileRun;
}

/** Files that wait for the same thing. */
export class Line {
  readonly #turns = new Map<FileRun, Turn>();
  readonly #heap = new Heap<Turn>((a, b) => (a.rank === b.rank ? a.order < b.order : a.rank < b.rank));

  has(file: FileRun): boolean {
    return this.#turns.has(file);
  }

  /** Lets a file wait; one that waits already has another place from now on. */
  put(file: FileRun, standing: Standing): void {
    this.delete(file);
    const turn: Turn = { ...standing, file, place: -1 };
    this.#turns.set(file, turn);
    this.#heap.put(turn);
  }

  delete(file: FileRun): void {
    const turn = this.#turns.get(file);
    if (turn === undefined) return;
    this.#turns.delete(file);
    this.#heap.delete(turn);
  }

  /** Takes out the file whose turn it is; nothing where nobody waits. */
  take(): FileRun | undefined {
    const file = this.#heap.first?.file;
    if (file !== undefined) this.delete(file);
    return file;
  }
}
