import { describe, expect, it } from "vitest";
import { Contradictions } from "../../../src/adapters/http/Contradictions.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";

const cause = new DownloadError("RESOURCE_CHANGED", "another ETag");
const said = { text: "another file", isStrong: true, cause };
let now = 0;
const contradictions = () =>
  new Contradictions(
    "A",
    () => undefined,
    () => now,
  );

describe("what a mirror says against its own past", () => {
  it("A word of a mirror against its own past is asked again, and counts when it is said twice", () => {
    const all = contradictions();
    const first = all.raise({ number: all.ask(0), place: 0 }, said);
    expect(first).toMatchObject({ code: "PEER_UNAVAILABLE", message: "another file" });
    expect(all.raise({ number: all.ask(0), place: 0 }, said)).toBe(cause);
  });

  it("A word of a mirror against its own past is asked again by one question: the others fail of it unasked, until that one has left", () => {
    const all = contradictions();
    const open = all.raise({ number: all.ask(0), place: 0 }, said);
    const again = all.ask(0);
    expect(() => all.ask(0)).toThrow(open);
    all.left(again);
    expect(all.ask(0)).toBe(again + 1);
  });

  it("A word of a mirror against its own past is over when it has its file as it was", () => {
    const all = contradictions();
    all.raise({ number: all.ask(0), place: 0 }, said);
    all.settle(all.ask(0));
    expect(all.ask(0)).toBe(3);
    expect(all.isOpen).toBe(false);
  });

  it("A word of a mirror against its own past is asked about by who was told it, or by anybody after a second", () => {
    now = 0;
    const all = contradictions();
    const open = all.raise({ number: all.ask(100), place: 100 }, said);
    expect(() => all.ask(200)).toThrow(open);
    now = 999;
    expect(() => all.ask(200)).toThrow(open);
    const again = all.ask(100);
    all.left(again);
    now = 1000;
    expect(all.ask(200)).toBe(again + 1);
  });
});
