/**
 * The peers that can be asked now, best first: a binary heap with a place for each member, so that a changed score moves one
 * member in O(log n), and a walk in order costs O(k log k) for the first k.
 */
export class RankedPeers<M> {
  readonly #members: { readonly member: M; readonly score: number; readonly order: number }[] = [];
  readonly #places = new Map<M, number>();

  get size(): number {
    return this.#members.length;
  }

  has(member: M): boolean {
    return this.#places.has(member);
  }

  /** Adds a member or moves it; equal scores rank by `order`. */
  set(member: M, score: number, order: number): void {
    const place = this.#places.get(member);
    const entry = { member, score, order };
    if (place === undefined) {
      this.#members.push(entry);
      this.#rise(this.#members.length - 1);
    } else {
      this.#members[place] = entry;
      this.#sink(this.#rise(place));
    }
  }

  delete(member: M): void {
    const place = this.#places.get(member);
    if (place === undefined) return;
    this.#places.delete(member);
    const moved = this.#members.pop();
    if (moved === undefined || place === this.#members.length) return;
    this.#members[place] = moved;
    this.#sink(this.#rise(place));
  }

  /** Best first. The heap may not change while it is walked. */
  *[Symbol.iterator](): Generator<M, void> {
    const open = this.#members.length > 0 ? [0] : [];
    while (open.length > 0) {
      const best = open.reduce((a, b, i) => (this.#before(b, open[a] as number) ? i : a), 0);
      const [place] = open.splice(best, 1) as [number];
      yield this.#at(place).member;
      for (const child of [2 * place + 1, 2 * place + 2]) if (child < this.#members.length) open.push(child);
    }
  }

  #at(place: number): { readonly member: M; readonly score: number; readonly order: number } {
    return this.#members[place] as { member: M; score: number; order: number };
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#at(a), this.#at(b)];
    return left.score < right.score || (left.score === right.score && left.order < right.order);
  }

  #rise(place: number): number {
    while (place > 0 && this.#before(place, (place - 1) >> 1)) place = this.#swap(place, (place - 1) >> 1);
    this.#places.set(this.#at(place).member, place);
    return place;
  }

  #sink(place: number): void {
    for (;;) {
      let least = place;
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < this.#members.length && this.#before(child, least)) least = child;
      }
      if (least === place) break;
      place = this.#swap(place, least);
    }
    this.#places.set(this.#at(place).member, place);
  }

  /** Exchanges two members; answers where the first one went. */
  #swap(from: number, to: number): number {
    const [moved, other] = [this.#at(from), this.#at(to)];
    this.#members[to] = moved;
    this.#members[from] = other;
    this.#places.set(moved.member, to);
    this.#places.set(other.member, from);
    return to;
  }
}
