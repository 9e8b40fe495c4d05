import { expect, it } from "vitest";
import { columnsOf } from "../../src/cli/show/columnsOf.js";
import { foldLine } from "../../src/cli/show/foldLine.js";

it("A line that fits is one row, its own indent too", () => {
  expect(foldLine("  received  3 MB", 20)).toEqual(["  received  3 MB"]);
});

it("A longer line is broken at blanks, and indented below its first row", () => {
  expect(foldLine("Done: 3 MB fetched in 2 s; nothing verified it", 20)).toEqual([
    "Done: 3 MB fetched",
    "  in 2 s; nothing",
    "  verified it",
  ]);
});

it("A word that is longer than a row is broken within it, and nothing of it is lost", () => {
  const address = `http://${"a".repeat(50)}.example/映画映画映画`;
  const rows = foldLine(`at ${address} it ends`, 20, 12);
  expect(rows.every((row) => columnsOf(row) <= 20)).toBe(true);
  expect(rows.map((row) => row.trim()).join("")).toBe(`at${address}it ends`);
});

it("What a terminal would obey is no part of a line", () => {
  expect(foldLine("a\u001B[2Jb", 20).join("")).not.toContain("\u001B");
});
