/** At most so many of the items, drawn by chance, in an order by chance. */
export function sampleOf<T>(items: readonly T[], most: number, random: () => number): T[] {
  const left = [...items];
  const drawn: T[] = [];
  while (drawn.length < most && left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return drawn;
}
