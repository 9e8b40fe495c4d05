import fc from "fast-check";
import { expect, it } from "vitest";
import { safeFileName } from "../../src/manifest/fileName.js";
import { usableFileName } from "../../src/manifest/usableFileName.js";

it.each([
  ["debian-12.iso", "debian-12.iso"],
  ["what?.txt", "what_.txt"],
  ["a/b\\c:d", "a_b_c_d"],
  ["..", "_._"],
  [".bashrc", "_.bashrc"],
  ["nul.txt", "_nul.txt"],
  ["x.part", "_x_part"],
  ["x.part.json", "_x_part.json"],
  [" a. ", "_a._"],
  ["jpg.\u202eexe", "jpg._exe"],
  ["tributary.config.json", "_tributary.config.json"],
  ["", "_"],
  [`${"é".repeat(150)}.tar`, `${"é".repeat(108)}.tar`],
])("The name %j that a user typed becomes %j", (typed, usable) => {
  expect(usableFileName(typed)).toBe(usable);
});

const parts = fc.constantFrom(
  ".part",
  ".",
  " ",
  "con",
  "/",
  "\u200d",
  "\ud800",
  "é",
  "tributary.config.json",
  "nul",
  "a",
);

it("Whatever was typed becomes a safe name, and a safe name stays as it is", () => {
  const names = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.array(parts).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(names, (name) => {
      const usable = usableFileName(name);
      expect(safeFileName(usable)).toBe(usable);
      expect(usableFileName(usable)).toBe(usable);
    }),
  );
});
