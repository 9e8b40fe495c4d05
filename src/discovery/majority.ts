/** The sides of a vote. */
export interface Majority<T> {
  readonly agreed: readonly T[];
  readonly others: readonly T[];
  /** True when the agreed items are more than all others together. */
  readonly isClear: boolean;
}

/** The items with the key that most have, and the others. A tie is decided by the order given: the side of the first has it. */
export function majority<T>(items: readonly T[], keyOf: (item: T) => string): Majority<T> {
  const sides = new Map<string, T[]>();
  for (const item of items) sides.set(keyOf(item), [...(sides.get(keyOf(item)) ?? []), item]);
  const [agreed = []] = [...sides.values()].sort((a, b) => b.length - a.length);
  const others = items.filter((item) => !agreed.includes(item));
  return { agreed, others, isClear: others.length === 0 || agreed.length > others.length };
}
