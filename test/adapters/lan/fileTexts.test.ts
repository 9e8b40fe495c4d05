import { expect, it } from "vitest";
import { fileTexts, mayHave } from "../../../src/adapters/lan/fileTexts.js";

const rootOf = (n: number): string => n.toString(16).padStart(64, "0");
const roots = (count: number): ReadonlySet<string> => new Set(Array.from({ length: count }, (_, n) => rootOf(n)));

it("A seeder of few files is asked for those alone", () => {
  const told = fileTexts(roots(56));
  expect([0, 13, 14, 55].map((n) => mayHave(told, rootOf(n)))).toEqual([true, true, true, true]);
  expect(mayHave(told, rootOf(56))).toBe(false);
});

it("A seeder of many files may have any", () => {
  const told = fileTexts(roots(5000));
  expect(mayHave(told, rootOf(4999))).toBe(true);
  const lengths = Object.entries(told).map(([name, text]) => name.length + 1 + text.length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(255);
  expect(lengths.reduce((sum, each) => sum + each, 0)).toBeLessThan(1100);
});

it("No root is told, only the beginning of its digest", () => {
  expect(Object.values(fileTexts(new Set(["00".repeat(32)])))).toEqual(["de8a847bff8c343d"]);
});

it.each([[undefined], [null], ["f0"], [{ f0: 5 }], [{ f0: "," }], [{ other: "de8a847bff8c343d" }], [[]]])(
  "Texts that are none of ours are of no file: %o",
  (told) => {
    expect(mayHave(told, "00".repeat(32))).toBe(false);
  },
);
