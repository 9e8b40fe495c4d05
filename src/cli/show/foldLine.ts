import { printable } from "../../command.js";
import { columnsOf } from "./columnsOf.js";
import { beginning } from "./fit.js";

/**
 * A line that stays, whole, in rows of so many columns: broken at blanks, and a word that is longer than a row within it. Rows below the first are indented.
 */
export function foldLine(line: string, columns: number, indent = 2): readonly string[] {
  const rows: string[] = [];
  const start = " ".repeat(indent);
  let row = "";
  for (const word of printable(line).split(/(?<=\S)(?=\s)/)) {
    if (row.trim() === "" || columnsOf(row + word) <= columns) row += word;
    else {
      rows.push(row);
      row = start + word.trimStart();
    }
    while (columnsOf(row) > columns) {
      const head = beginning(row, columns);
      rows.push(head);
      row = start + row.slice(head.length);
    }
  }
  return [...rows, row];
}
