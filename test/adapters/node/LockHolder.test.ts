import { describe, expect, it } from "vitest";
import { parseLockHolder } from "../../../src/adapters/node/LockHolder.js";

const id = "3b241101-e2bb-4255-8caf-4136c566a962";

describe("the record of a lock", () => {
  it.each([
    { id, pid: 1 },
    { id: id.toUpperCase(), pid: 7, boot: "b", started: "1234" },
  ])("The record of a lock is read: %j", (record) => {
    expect(parseLockHolder(JSON.stringify({ ...record, more: true }))).toEqual(record);
  });

  it.each([
    "null",
    "7",
    "[]",
    "{",
    "{}",
    JSON.stringify({ id }),
    JSON.stringify({ id: "../x", pid: 1 }),
    JSON.stringify({ id: `${id}/..`, pid: 1 }),
    JSON.stringify({ id, pid: 0 }),
    JSON.stringify({ id, pid: 1.5 }),
    JSON.stringify({ id, pid: "1" }),
    JSON.stringify({ id, pid: 1, boot: null }),
    JSON.stringify({ id, pid: 1, started: 4 }),
  ])("The record of a lock is refused when it does not say who holds it: %s", (text) => {
    expect(() => parseLockHolder(text)).toThrow();
  });
});
