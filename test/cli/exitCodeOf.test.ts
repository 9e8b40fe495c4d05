import { expect, it } from "vitest";
import { exitCodeOf, exitCodes } from "../../src/cli/exitCodes.js";
import { UsageError } from "../../src/cli/UsageError.js";
import { DownloadError, verdicts } from "../../src/index.js";

it("exitCodeOf knows every code a download can end with", () => {
  const codes = Object.keys(verdicts) as (keyof typeof verdicts)[];
  const known = new Set<number>(Object.values(exitCodes));
  for (const code of codes) expect(known).toContain(exitCodeOf(new DownloadError(code, "x")));
  expect(exitCodeOf(new UsageError("x"))).toBe(2);
  expect(exitCodeOf(new Error("x"))).toBe(1);
});
