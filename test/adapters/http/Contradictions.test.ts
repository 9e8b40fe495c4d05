import { describe, expect, it } from "vitest";
import { Contradictions } from "../../../src/adapters/http/Contradictions.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";

const cause = new DownloadError("RESOURCE_CHANGED", "another ETag");
const said = { text: "another file", isStrong: true, cause };
const contradictions = () => new Contradictions("A", () => undefined);

describe("what a mirror says against its own past", () => {
  it("A word of a mirror against its own past is asked again, and counts when it is said twice", () => {
    const all = contradictions();
    const first = all.raise(all.ask(), said);
    expect(first).toMatchObject({ code: "PEER_UNAVAILABLE", message: "another file" });
    expect(all.raise(all.ask(), said)).toBe(cause);
  });

  it("A word of a mirror against its own past is asked again by one question: the others fail of it unasked, until that one has left", () => {
    const all = contradictions();
    const open = all.raise(all.ask(), said);
    const again = all.ask();
    expect(() => all.ask()).toThrow(open);
    all.left(again);
    expect(all.ask()).toBe(again + 1);
  });

  it("A word of a mirror against its own past is over when it has its file as it was", () => {
    const all = contradictions();
    all.raise(all.ask(), said);
    all.settle(all.ask());
    expect(all.ask()).toBe(3);
    expect(all.isOpen).toBe(false);
  });
});
