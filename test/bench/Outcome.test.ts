import { describe, expect, it } from "vitest";
import { countOf, type Outcome, placeOf, type Verdict } from "../../bench/rivals/Outcome.js";

const outcome = (tool: string, verdict: Verdict, seconds: number): Outcome => ({
  ...{ tool, verdict, seconds },
  ...{ ratio: 1, requests: 1 },
});
const mine = (verdict: Verdict, seconds: number): Outcome => outcome("tributary", verdict, seconds);

describe("the place of a tool in a row", () => {
  it.each([
    ["best", mine("ok", 1), outcome("axel", "ok", 2), "best; axel: ok in 2.00 s, x0.50, -1.00 s", true, true],
    ["near", mine("ok", 1.1), outcome("axel", "ok", 1), "within 10 %; axel: ok in 1.00 s, x1.10, +0.10 s", true, true],
    [
      "late",
      mine("ok", 11),
      outcome("axel", "ok", 10),
      "within 10 %; axel: ok in 10.00 s, x1.10, +1.00 s",
      true,
      false,
    ],
    ["short", mine("ok", 0.3), outcome("axel", "ok", 0.2), "BEHIND; axel: ok in 0.20 s, x1.50, +0.10 s", false, true],
    ["behind", mine("ok", 2), outcome("axel", "ok", 1), "BEHIND; axel: ok in 1.00 s, x2.00, +1.00 s", false, false],
    [
      "wrong",
      mine("corrupt", 1),
      outcome("axel", "ok", 1),
      "WRONG: corrupt; axel: ok in 1.00 s, x1.00, +0.00 s",
      false,
      false,
    ],
    ["alone", mine("ok", 9), outcome("axel", "corrupt", 1), "best, and alone right", true, true],
    ["nobody", mine("hang", 9), outcome("axel", "n/a", NaN), "WRONG: hang; no other is right", false, false],
  ])("A tool is told beside the best of the others that is right: %s", (_name, ours, theirs, said, good, near) => {
    expect(placeOf("tributary", [outcome("wget", "hang", 0.1), ours, theirs], "file")).toEqual({ said, good, near });
  });

  it("A tool with a failure is behind one with the file, however soon it came", () => {
    const [failed, ok] = [mine("failed", 1), outcome("axel", "ok", 5)];
    expect(placeOf("tributary", [failed, ok], "file or failure")).toMatchObject({ good: false, near: false });
    expect(placeOf("axel", [failed, ok], "file or failure")).toMatchObject({ good: true, near: true });
  });

  it("A tool that was not run has no place", () => {
    expect(placeOf("tributary", [outcome("axel", "ok", 1)], "file")).toBeUndefined();
  });
});

it("Good and near places are counted", () => {
  const places = [
    { said: "", good: true, near: true },
    { said: "", good: false, near: true },
    { said: "", good: false, near: false },
  ];
  expect(countOf(places)).toBe("best or within 10 % of the best that is right: 1 of 3 (within 0.15 s: 2)");
});
