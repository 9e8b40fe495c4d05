import { expect, it } from "vitest";
import { busyWaitMs } from "../../src/errors/busyWaitMs.js";

it.each([
  [1, undefined, 1000],
  [1, 0, 1000],
  [1, 999, 1000],
  [1, 1001, 1001],
  [2, 0, 2000],
  [3, 0, 4000],
  [4, 0, 8000],
  [5, 0, 8000],
  [5000, 0, 8000],
  [2, 1000, 1000],
  [4, 7000, 7000],
  [4, 999, 8000],
  [4, 60_000, 60_000],
  [1, Infinity, Infinity],
  [2, Number.NaN, 2000],
])("Busy answer number %d in a row that asks for %s ms is a rest of %d ms", (answers, retryAfterMs, waitMs) => {
  expect(busyWaitMs(answers, { retryAfterMs })).toBe(waitMs);
});
