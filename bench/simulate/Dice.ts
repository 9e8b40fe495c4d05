/** Chance, in the shapes that scripts need. */
export class Dice {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** From `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  /** Between `from` and `to`, each order of magnitude as likely as the other. */
  scaled(from: number, to: number): number {
    return Math.round(from * (to / from) ** this.#random());
  }

  of<const Items extends readonly unknown[]>(items: Items): Items[number] {
    return items[this.whole(0, items.length - 1)];
  }

  list<T>(atMost: number, item: () => T): readonly T[] {
    return Array.from({ length: this.whole(0, atMost) }, item);
  }

  /** Takes each part or leaves it. */
  some<T extends object>(probability: number, part: () => T): Partial<T> {
    return this.chance(probability) ? part() : {};
  }
}
