/** How many things are kept, and how many characters they may take as JSON. */
export interface Limit {
  readonly count: number;
  readonly chars: number;
}

/** The items that weigh most, within the limit; of equal ones the first. In their own order when there is room for all. */
export function most<T>(all: readonly T[], { count, chars }: Limit, weight: (each: T) => number): readonly T[] {
  const lengths = all.map((each) => JSON.stringify(each).length + 1);
  const fits = all.length <= count && lengths.reduce((sum, length) => sum + length, 0) <= chars;
  if (fits) return all;
  let left = chars;
  return all
    .map((each, at) => ({ each, length: lengths[at] ?? 0 }))
    .toSorted((a, b) => weight(b.each) - weight(a.each))
    .slice(0, count)
    .filter(({ length }) => (left -= length) >= 0)
    .map(({ each }) => each);
}
