import { describe, expect, it } from "vitest";
import { selectPeer } from "../../operators/selectPeer.js";
import type { Selection } from "../../operators/selectPeer.js";

const chosen = (candidates: Iterable<string>, selection: Partial<Selection<string>> = {}): string | undefined =>
  selectPeer(candidates, { last: undefined, stay: false, avoid: new Set(), never: new Set(), ...selection });

describe("selectPeer", () => {
  it("takes the first candidate, and nobody when there is none", () => {
    expect(chosen("AB")).toBe("A");
    expect(chosen([])).toBeUndefined();
  });

  it.each([["an array", ["A", "B"]] as const, ["a set", new Set("AB")] as const])(
    "takes the last one if it may stay and is still in %s",
    (_, candidates) => {
      expect(chosen(candidates, { last: "B", stay: true })).toBe("B");
      expect(chosen(candidates, { last: "B", stay: false })).toBe("A");
      expect(chosen(candidates, { last: "C", stay: true })).toBe("A");
      expect(chosen(candidates, { last: "B", stay: true, never: new Set("B") })).toBe("A");
      expect(chosen(candidates, { stay: true })).toBe("A");
    },
  );

  it("passes over who is to be avoided, while there are others", () => {
    expect(chosen("ABC", { avoid: new Set("AB") })).toBe("C");
    expect(chosen("ABC", { avoid: new Set("ABC") })).toBe("A");
    expect(chosen("ABC", { avoid: new Set("ABC"), never: new Set("A") })).toBe("B");
  });

  it("takes the last one again only when there is no other, with all to be avoided", () => {
    expect(chosen("ABC", { last: "A", avoid: new Set("ABC") })).toBe("B");
    expect(chosen("ABC", { last: "A", avoid: new Set("ABC"), never: new Set("BC") })).toBe("A");
  });

  it("never takes who can never serve", () => {
    expect(chosen("ABC", { never: new Set("AB") })).toBe("C");
    expect(chosen("ABC", { never: new Set("ABC") })).toBeUndefined();
  });
});
