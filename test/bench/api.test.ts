import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { apiReport, reportPath } from "../../bench/api/apiReport.js";
import { eventsPath, eventsReport, eventUnions } from "../../bench/api/eventsReport.js";
import { readDoors } from "../../bench/api/readDoors.js";
import { doorsOf } from "../../bench/api/doors.js";
import { readEvents } from "../../bench/api/readEvents.js";
import { readOptions } from "../../bench/api/readOptions.js";

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

describe("the report on events", () => {
  it("The events that are declared are what docs/events.md tells", async () => {
    const told = readFileSync(eventsPath(checkout), "utf8");
    const text = await eventsReport(checkout);
    expect(text, "Events are other ones: `npm run api` writes docs/events.md anew").toBe(told);
  });

  it("Every event says when it is said, and every field what it is", () => {
    for (const { name, text, events, common } of eventUnions(checkout)) {
      expect({ name, text }).not.toEqual({ name, text: "" });
      const fields = [...common, ...events.flatMap((event) => event.fields)];
      // A field is told once for all events of its union; one whose value is in its type needs no words.
      const told = new Set(
        fields.filter(({ text: words, type }) => words !== "" || type.startsWith('"')).map((field) => field.name),
      );
      expect({ name, unsaid: events.filter((event) => event.text === "").map(({ type }) => type) }).toEqual({
        name,
        unsaid: [],
      });
      expect({ name, untold: fields.filter((field) => !told.has(field.name)).map((field) => field.name) }).toEqual({
        name,
        untold: [],
      });
    }
  });

  it("An event is read with its words, and its fields with theirs", () => {
    const file = fileURLToPath(new URL("events.d.ts", import.meta.url));
    const field = (name: string, type: string, text = "") => ({ name, type, text, isOptional: false });
    expect(readEvents(ts.createProgram([file], {}), file, "SeatEvent")).toEqual({
      text: "One thing that happened to a seat.",
      common: [field("at", "number", "Time, ms.")],
      events: [
        { type: "taken", text: "Somebody sat down.", fields: [{ ...field("by", "string"), isOptional: true }] },
        { type: "left", text: "", fields: [] },
        {
          type: "sold",
          text: "The seat has an owner.",
          fields: [field("price", "number"), field("row", "number", "Its row.")],
        },
      ],
    });
  });
});

it("Every option of a public function says what it is, and one that may be left out what holds then", () => {
  const doors = doorsOf(checkout);
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, skipLibCheck: true, strict: true };
  const told = readOptions(ts.createProgram([...doors.values()], options), doors);
  expect(told.length).toBeGreaterThan(100);
  expect(told.filter(({ text }) => text === "").map(({ name }) => name)).toEqual([]);
  expect(told.filter((each) => each.isOptional && each.defaultText === "").map(({ name }) => name)).toEqual([]);
});
