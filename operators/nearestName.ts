/** The known name that was most likely meant, by the letters that have to change; `undefined` when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const ranked = known
    .map((each) => ({ each, edits: editsBetween(wanted, each.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (best !== undefined && best.edits <= Math.max(1, Math.floor(wanted.length * 0.4))) return best.each;
  return ranked.find(({ each }) => each.length >= 3 && isPart(wanted, each.toLowerCase()))?.each;
}

const isPart = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a) || a.endsWith(b) || b.endsWith(a);

/** Letters to insert, drop, replace, or swap with their neighbour, after Levenshtein and Damerau. */
function editsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + Number(a[i] !== b[j]);
      const isSwap = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const swapped = isSwap ? (before[j - 1] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
