import type { CodeFile } from "./CodeBase.js";

/** Groups of files that import each other, types too: the strongly connected components of more than one file (Tarjan, 1972). */
export function circles(files: readonly CodeFile[]): readonly (readonly string[])[] {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]));
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];

  const visit = (path: string): void => {
    const number = order.size;
    order.set(path, number);
    low.set(path, number);
    open.push(path);
    for (const to of importsOf.get(path) ?? []) {
      if (!importsOf.has(to)) continue;
      if (!order.has(to)) visit(to);
      if (open.includes(to)) low.set(path, Math.min(low.get(path) ?? 0, low.get(to) ?? 0));
    }
    if (low.get(path) !== number) return;
    const circle = open.splice(open.indexOf(path));
    if (circle.length > 1) found.push(circle.sort());
  };

  for (const { path } of files) if (!order.has(path)) visit(path);
  return found;
}
