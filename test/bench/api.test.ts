import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { apiReport, reportPath } from "../../bench/api/apiReport.js";
import { readDoors } from "../../bench/api/readDoors.js";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const report = apiReport(checkout);
const fixture = fileURLToPath(new URL("doors.d.ts", import.meta.url));

describe("the report on what is public", () => {
  it("What the doors export is what docs/api.md tells", async () => {
    const { text } = await report;
    const told = readFileSync(reportPath(checkout), "utf8");
    expect(text, "The public surface is another one: `npm run api` writes docs/api.md anew").toBe(told);
  });

  it("Each type that a public type names is exported by a door", async () => {
    const { hidden } = await report;
    expect(hidden, "Export them, or do not name them in a public type").toEqual([]);
  });

  describe("of one door", () => {
    let [door] = readDoors(new Map());
    beforeAll(() => {
      [door] = readDoors(new Map([["package", fixture]]));
    });

    it("The names of a door are told in order, each with its declaration without comments", () => {
      expect(door?.names.map(({ name, text }) => [name, text])).toEqual([
        ["Seat", "class Seat {\n    constructor(row: Row);\n    readonly row: Row;\n}"],
        ["limit", "const limit: 3;"],
        ["renamed", "function take(seat: Seat): Row;\nfunction take(seats: readonly Seat[]): readonly Row[];"],
      ]);
    });

    it("A type of which a door speaks, and which no door exports, is told", () => {
      expect(door?.hidden).toEqual(["Row"]);
    });
  });
});
