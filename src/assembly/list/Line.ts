import { Heap, type HeapMember } from "../../peers/Heap.js";
import type { Standing } from "./FileRun.js";

interface Turn<File> extends HeapMember, Standing {
  readonly file: File;
}

/** Files that wait for the same thing. */
export class Line<File> {
  readonly #turns = new Map<File, Turn<File>>();
  readonly #heap = new Heap<Turn<File>>((a, b) => (a.rank === b.rank ? a.order < b.order : a.rank < b.rank));

  has(file: File): boolean {
    return this.#turns.has(file);
  }

  /** Lets a file wait; one that waits already has another place from now on. */
  put(file: File, standing: Standing): void {
    this.delete(file);
    const turn: Turn<File> = { ...standing, file, place: -1 };
    this.#turns.set(file, turn);
    this.#heap.put(turn);
  }

  delete(file: File): void {
    const turn = this.#turns.get(file);
    if (turn === undefined) return;
    this.#turns.delete(file);
    this.#heap.delete(turn);
  }

  /** Takes out the file whose turn it is; nothing where nobody waits. */
  take(): File | undefined {
    const file = this.#heap.first?.file;
    if (file !== undefined) this.delete(file);
    return file;
  }
}
