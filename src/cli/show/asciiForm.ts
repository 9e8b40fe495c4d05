import { columnsOf } from "./columnsOf.js";

/** The signs of the view, and one of ASCII for each, as wide. */
const signs: Readonly<Record<string, string>> = {
  "█": "#",
  "▓": "+",
  "▄": "-",
  "▒": ">",
  "░": ".",
  "·": ".",
  "↻": "r",
  "✗": "x",
  "…": "~",
};

/** The line for a terminal that knows ASCII alone, as wide as before. */
export function asciiForm(line: string): string {
  return line.replace(/[^\0-\x7f]/gu, (sign) => signs[sign] ?? "?".repeat(columnsOf(sign)));
}
