/** The known name that was most likely meant, by the letters that have to change; `undefined` when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const ranked = known
    .map((each) => ({ each, edits: editsBetween(wanted, each.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (best !== undefined && best.edits <= Math.ceil(wanted.length / 3)) return best.each;
  return ranked.find(({ each }) => each.length >= 3 && isPart(wanted, each.toLowerCase()))?.each;
}

const isPart = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a) || a.endsWith(b) || b.endsWith(a);

/** Letters to insert, drop or replace, after Levenshtein (1965). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const replaced = (row[j] ?? 0) + Number(letter !== other);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
