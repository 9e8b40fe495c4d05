/** The known name that was most likely meant, by the pairs of letters that both have (Dice, 1945); `undefined` when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = pairsOf(name);
  const near = known.map((each) => {
    const pairs = pairsOf(each);
    const shared = [...wanted].filter((pair) => pairs.has(pair)).length;
    return { each, likeness: (2 * shared) / (wanted.size + pairs.size) };
  });
  const [best] = near.sort((a, b) => b.likeness - a.likeness);
  return best !== undefined && best.likeness >= 0.4 ? best.each : undefined;
}

function pairsOf(name: string): ReadonlySet<string> {
  const letters = ` ${name.toLowerCase()} `;
  return new Set(Array.from(letters.slice(1), (letter, at) => (letters[at] ?? "") + letter));
}
