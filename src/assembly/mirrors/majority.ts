/** What most have in common, and the others. A tie is decided by the order given: the side of the first has it. */
export function majority<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): { readonly agreed: readonly T[]; readonly others: readonly T[] } {
  const sides = new Map<string, T[]>();
  for (const item of items) sides.set(keyOf(item), [...(sides.get(keyOf(item)) ?? []), item]);
  const [agreed = []] = [...sides.values()].sort((a, b) => b.length - a.length);
  return { agreed, others: items.filter((item) => !agreed.includes(item)) };
}
