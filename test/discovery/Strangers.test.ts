import { describe, expect, it } from "vitest";
import { Strangers } from "../../src/discovery/Strangers.js";

const given = { places: ["ws://a:1", "ws://b:1"], mirrors: ["http://u:p@a.example/f", "http://b.example/f"] };

describe("strangers", () => {
  it("A peer is a stranger when a document from outside named it, and nobody else", () => {
    const strangers = new Strangers({ ...given, publicOnly: ["ws://b:1", "http://b.example/f"] });
    const are = ["ws://a:1", "ws://b:1", "http://a.example/f", "http://b.example/f"].map((id) => strangers.has(id));
    expect(are).toEqual([false, true, false, true]);
  });

  it("A mirror that comes up later is a stranger unless the user gave the same one, whatever its secrets", () => {
    const strangers = new Strangers(given);
    strangers.add(["http://a.example/f", "http://c.example/f"].map((url) => ({ url, publicOnly: true })));
    strangers.add([{ url: "http://d.example/f", publicOnly: false }]);
    const are = ["a", "b", "c", "d"].map((name) => strangers.has(`http://${name}.example/f`));
    expect(are).toEqual([false, false, true, false]);
  });
});
