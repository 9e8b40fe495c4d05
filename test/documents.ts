/** A link to a file, and to a heading in it. */
export interface DocumentLink {
  /** Relative path; that of the document itself is empty. */
  readonly path: string;
  readonly anchor: string;
}

/** A document without its blocks of code. */
const withoutBlocks = (text: string): string => text.replaceAll(/^```[^]*?^```/gm, "");

/** The cells of the tables under a heading, without the heads. */
export function rowsUnder(text: string, heading: string): readonly (readonly string[])[] {
  const [, section = ""] = text.split(`\n## ${heading}\n`);
  const [own = ""] = section.split("\n## ");
  const lines = own.split("\n");
  const rows = lines.filter((line, n) => /^\| [^-]/.test(line) && !/^\| -/.test(lines[n + 1] ?? ""));
  return rows.map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim())).map(([, ...cells]) => cells);
}

/** What stands between back-quotes, blocks of code left out. */
export function wordsInCode(text: string): readonly string[] {
  return Array.from(withoutBlocks(text).matchAll(/`([^`\n]+)`/g), ([, word = ""]) => word);
}

/** Links to files of the project; a picture is one. */
export function linksIn(text: string): readonly DocumentLink[] {
  const targets = Array.from(withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target);
  const own = targets.filter((target) => !/^[a-z]+:/.test(target));
  return own.map((target) => {
    const [path = "", anchor = ""] = target.split("#");
    return { path, anchor };
  });
}

/** Names by which headings are linked to, as GitHub makes them. */
export function anchorsIn(text: string): ReadonlySet<string> {
  const headings = Array.from(withoutBlocks(text).matchAll(/^#{1,6} (.*)$/gm), ([, heading = ""]) => heading);
  const seen = new Map<string, number>();
  const anchors = headings.map((heading) => {
    const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, "");
    const anchor = words.replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  return new Set(anchors);
}
