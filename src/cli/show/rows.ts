/** Counts, the most frequent first. */
export function countsText(counts: Readonly<Record<string, number>>, show: (count: number) => string): string {
  return Object.entries(counts)
    .filter(([, amount]) => amount > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, amount]) => `${name} ${show(amount)}`)
    .join(" · ");
}

/** Columns before what a row of an account says. */
export const accountIndent = 12;

/** A row of an account: its name and what it says. Long lists go on below, in the same column. */
export function rowLines(name: string, text: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(" · ")) {
    const last = lines.at(-1);
    if (last !== undefined && accountIndent + last.length + 3 + part.length <= width)
      lines.push(`${lines.pop() ?? ""} · ${part}`);
    else lines.push(part);
  }
  return lines.map((line, n) => `  ${(n === 0 ? name : "").padEnd(accountIndent - 2)}${line}`);
}
