import { describe, expect, it } from "vitest";
import { majority } from "../../src/discovery/majority.js";

describe("the majority", () => {
  it.each([
    ["aab", "aa", "b", true],
    ["baa", "aa", "b", true],
    ["ab", "a", "b", false],
    ["bbaa", "bb", "aa", false],
    ["baac", "aa", "bc", false],
    ["cabab", "aa", "cbb", false],
    ["babbc", "bbb", "ac", true],
    ["a", "a", "", true],
    ["", "", "", true],
  ])("The majority of %j is %j, the others are %j, and that is clear: %j", (items, agreed, others, isClear) => {
    expect(majority(Array.from(items), (item) => item)).toEqual({
      agreed: Array.from(agreed),
      others: Array.from(others),
      isClear,
    });
  });

  it("The majority is of items that have the same key", () => {
    expect(majority(["b1", "a1", "a2", "c1"], (item) => item.charAt(0)).agreed).toEqual(["a1", "a2"]);
  });
});
