import { expect, it } from "vitest";
import { decayed } from "../../src/storage/decayed.js";

const days = 24 * 3600 * 1000;
const record = { ok: 10, failed: 4, failures: 3, bytesPerSecond: 1e6, blacklistedUntil: 5 };

it("A record halves its counts in 14 days, and keeps the rest", () => {
  expect(decayed(record, 14 * days)).toEqual({ ...record, ok: 5, failed: 2, failures: 2 });
  expect(decayed(record, 28 * days)).toMatchObject({ ok: 2.5, failed: 1, failures: 1 });
});

it("A record of now, or of a clock that was ahead, is as it was", () => {
  expect(decayed(record, 0)).toEqual(record);
  expect(decayed(record, -days)).toEqual(record);
});

it("Failures in a row are forgotten in the end, but not by a restart", () => {
  expect(decayed(record, 1000).failures).toBe(3);
  expect(decayed(record, 40 * days).failures).toBe(0);
});
