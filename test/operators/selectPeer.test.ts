import { describe, expect, it } from "vitest";
import { selectPeer } from "../../operators/selectPeer.js";
import type { Selection } from "../../operators/selectPeer.js";

const chosen = (candidates: Iterable<string>, selection: Partial<Selection<string>> = {}): string | undefined =>
  selectPeer(candidates, { last: undefined, stay: false, avoid: new Set(), never: new Set(), ...selection });

describe("selectPeer", () => {
  it("The first candidate is selected, and nobody when there is none", () => {
    expect(chosen("AB")).toBe("A");
    expect(chosen([])).toBeUndefined();
  });

  it.each([["an array", ["A", "B"]] as const, ["a set", new Set("AB")] as const])(
    "The last peer is selected if it may stay and is still in %s",
    (_, candidates) => {
      expect(chosen(candidates, { last: "B", stay: true })).toBe("B");
      expect(chosen(candidates, { last: "B", stay: false })).toBe("A");
      expect(chosen(candidates, { last: "C", stay: true })).toBe("A");
      expect(chosen(candidates, { last: "B", stay: true, never: new Set("B") })).toBe("A");
      expect(chosen(candidates, { stay: true })).toBe("A");
    },
  );

  it("A peer that is to be avoided is passed over, while there are others", () => {
    expect(chosen("ABC", { avoid: new Set("AB") })).toBe("C");
    expect(chosen("ABC", { avoid: new Set("ABC") })).toBe("A");
    expect(chosen("ABC", { avoid: new Set("ABC"), never: new Set("A") })).toBe("B");
  });

  it("With all to be avoided, the last peer is selected again only when there is no other", () => {
    expect(chosen("ABC", { last: "A", avoid: new Set("ABC") })).toBe("B");
    expect(chosen("ABC", { last: "A", avoid: new Set("ABC"), never: new Set("BC") })).toBe("A");
  });

  it("A peer that can never serve is never selected", () => {
    expect(chosen("ABC", { never: new Set("AB") })).toBe("C");
    expect(chosen("ABC", { never: new Set("ABC") })).toBeUndefined();
  });
});
