/** Something that is due at a time; `place` is the queue's own. */
export interface Due {
  dueMs: number;
  /** Decides among equal times: who came first. */
  order: number;
  /** Where it stands in the queue, or -1. */
  place: number;
}

/**
 * What is due next: a binary heap whose members know their places, so that adding, moving and taking one out cost O(log n) and
 * what was taken out leaves nothing behind.
 */
export class DueQueue<D extends Due> {
  readonly #heap: D[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): D | undefined {
    return this.#heap[0];
  }

  /** Adds it, or moves it after its time has changed. */
  put(item: D): void {
    if (item.place < 0) item.place = this.#heap.push(item) - 1;
    this.#sink(this.#rise(item, item.place), item);
  }

  delete(item: D): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.#heap.pop() as D;
    if (last !== item) this.#sink(this.#rise(last, place), last);
  }

  #rise(item: D, from: number): number {
    let place = from;
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1] as D;
      if (!isBefore(item, parent)) break;
      this.#set(place, parent);
      place = (place - 1) >> 1;
    }
    this.#set(place, item);
    return place;
  }

  #sink(from: number, item: D): void {
    let place = from;
    for (;;) {
      const right = this.#heap[2 * place + 2];
      let child = this.#heap[2 * place + 1];
      if (child !== undefined && right !== undefined && isBefore(right, child)) child = right;
      if (child === undefined || !isBefore(child, item)) break;
      const next = child.place;
      this.#set(place, child);
      place = next;
    }
    this.#set(place, item);
  }

  #set(place: number, item: D): void {
    this.#heap[place] = item;
    item.place = place;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
