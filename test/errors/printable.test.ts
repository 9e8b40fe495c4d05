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

it("Of a long text the middle is left out, so that what it speaks of and why are still told", () => {
  const shown = printable(`cannot write ${"x".repeat(4 * 2 ** 20)}: no space left`);
  expect(shown).toHaveLength(4096);
  expect(shown).toMatch(/^cannot write x+…x+: no space left$/);
});

it("Printable text has nothing that a terminal would obey, and is left as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(shown).not.toMatch(/\p{Cs}/u);
      expect(printable(shown)).toBe(shown);
    }),
  );
});
