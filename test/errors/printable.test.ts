import fc from "fast-check";
import { expect, it } from "vitest";
import { printable } from "../../src/errors/printable.js";

it.each([
  ["a\u001b[31m\r\nb", "a [31m  b"],
  ["jpg.\u202eexe", "jpg.exe"],
  ["a\u2028b\u2029c", "a b c"],
  ["\u200fa\u2066b\u200d\ufeff", "ab"],
  ["été 日本語 🎬", "été 日本語 🎬"],
])("The text %j is shown as %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

it("Printable text has nothing that a terminal would obey, and is left as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(printable(shown)).toBe(shown);
    }),
  );
});
