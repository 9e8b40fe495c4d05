/** A member of a heap; `place` is the heap's own, -1 outside of one. */
export interface HeapMember {
  place: number;
}

/**
 * The first of many by an order of their own: a binary heap whose members know their places, so that adding, moving and taking one out cost
 * O(log n), a walk in order costs O(k log k) for the first k, and what was taken out leaves nothing behind.
 */
export class Heap<M extends HeapMember> {
  readonly #members: M[] = [];
  readonly #isBefore: (a: M, b: M) => boolean;

  constructor(isBefore: (a: M, b: M) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#members.length;
  }

  get first(): M | undefined {
    return this.#members[0];
  }

  /** Adds a member, or moves it after its order has changed. */
  put(member: M): void {
    if (member.place < 0) member.place = this.#members.push(member) - 1;
    this.#sink(this.#rise(member, member.place), member);
  }

  delete(member: M): void {
    const { place } = member;
    if (place < 0) return;
    member.place = -1;
    const last = this.#members.pop() as M;
    if (last !== member) this.#sink(this.#rise(last, place), last);
  }

  /** In order. The heap may not change while it is walked. */
  *[Symbol.iterator](): Generator<M, void> {
    const open = this.#members.slice(0, 1);
    while (open.length > 0) {
      const next = open.reduce((a, b) => (this.#isBefore(b, a) ? b : a));
      open.splice(open.indexOf(next), 1);
      yield next;
      for (const place of [2 * next.place + 1, 2 * next.place + 2]) {
        const child = this.#members[place];
        if (child !== undefined) open.push(child);
      }
    }
  }

  #rise(member: M, from: number): number {
    let place = from;
    while (place > 0) {
      const parent = this.#members[(place - 1) >> 1] as M;
      if (!this.#isBefore(member, parent)) break;
      this.#set(place, parent);
      place = (place - 1) >> 1;
    }
    this.#set(place, member);
    return place;
  }

  #sink(from: number, member: M): void {
    let place = from;
    for (;;) {
      const right = this.#members[2 * place + 2];
      let child = this.#members[2 * place + 1];
      if (child !== undefined && right !== undefined && this.#isBefore(right, child)) child = right;
      if (child === undefined || !this.#isBefore(child, member)) break;
      const next = child.place;
      this.#set(place, child);
      place = next;
    }
    this.#set(place, member);
  }

  #set(place: number, member: M): void {
    this.#members[place] = member;
    member.place = place;
  }
}
