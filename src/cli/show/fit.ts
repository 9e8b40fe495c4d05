import { printable } from "../../command.js";
import { columnsOf } from "./columnsOf.js";

/** A stranger's text in so many columns at most: a longer one is cut at its end. */
export function fit(text: string, columns: number): string {
  if (columns < 1) return "";
  const clean = printable(text);
  return columnsOf(clean) <= columns ? clean : `${beginning(clean, columns - 1)}…`;
}

/** Cut in the middle: addresses on one host, and parts of one film, differ at the end. */
export function fitMiddle(text: string, columns: number): string {
  const clean = printable(text);
  if (columnsOf(clean) <= columns) return clean;
  const head = Math.floor((columns - 1) / 2);
  const reversed = Array.from(clean).reverse().join("");
  const tail = Array.from(beginning(reversed, columns - 1 - head))
    .reverse()
    .join("");
  return `${beginning(clean, head)}…${tail}`;
}

/** The text with blanks behind it, to so many columns. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

/** Beginning of a text, as much as so many columns take. */
export function beginning(text: string, columns: number): string {
  let kept = "";
  let left = columns;
  for (const character of text) {
    left -= columnsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return kept;
}
