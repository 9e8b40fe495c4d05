/** A stretch of text in one style, as the terminal shows it. */
export interface Run {
  readonly text: string;
  /** Column of its first character, from 0. */
  readonly column: number;
  readonly color?: "red" | "green" | "yellow" | "blue" | "cyan";
  readonly isBold: boolean;
  readonly isDim: boolean;
}

type Style = Omit<Run, "text" | "column">;

const plain: Style = { isBold: false, isDim: false };
const colors = { 31: "red", 32: "green", 33: "yellow", 34: "blue", 36: "cyan" } as const;

/** A line of a terminal as runs, by its SGR codes (ECMA-48, 8.3.117); of these, the ones that the live view uses. */
export function readSgr(line: string): readonly Run[] {
  const runs: Run[] = [];
  let style = plain;
  let column = 0;
  // A line's own text begins it; each part after that begins with its codes.
  for (const part of `0m${line}`.split("\u001b[")) {
    const [, codes = "", text = ""] = /^([\d;]*)m(.*)$/.exec(part) ?? [];
    style = codes.split(";").map(Number).reduce(applied, style);
    if (text !== "") runs.push({ text, column, ...style });
    column += Array.from(text).length;
  }
  return runs;
}

function applied({ color, ...style }: Style, code: number): Style {
  const kept = color === undefined ? style : { ...style, color };
  if (code === 0) return plain;
  if (code === 1) return { ...kept, isBold: true };
  if (code === 2) return { ...kept, isDim: true };
  if (code === 22) return { ...kept, isBold: false, isDim: false };
  if (code === 39) return style;
  if (code in colors) return { ...style, color: colors[code as keyof typeof colors] };
  throw new RangeError(`the SGR code ${code} has no place in a picture; it must be 0, 1, 2, 22, 31 to 34, 36 or 39`);
}
