import { describe, expect, it } from "vitest";
import type { NamedAddress } from "../../src/peers/NamedAddress.js";
import { Strangers } from "../../src/discovery/Strangers.js";

const given = { places: ["ws://a:1", "ws://b:1"], mirrors: ["http://u:p@a.example/f", "http://b.example/f"] };

const named = (url: string, publicOnly = true): NamedAddress => ({ url, publicOnly, source: "metalink" });

describe("strangers", () => {
  it("A peer is a stranger when a document from outside named it, and nobody else", () => {
    const strangers = new Strangers({ ...given, named: [named("ws://b:1"), named("http://b.example/f")] });
    const are = ["ws://a:1", "ws://b:1", "http://a.example/f", "http://b.example/f"].map((id) => strangers.has(id));
    expect(are).toEqual([false, true, false, true]);
  });

  it("A mirror that comes up later is a stranger unless the user gave the same one, whatever its secrets", () => {
    const strangers = new Strangers(given);
    strangers.add(["http://a.example/f", "http://c.example/f"].map((url) => named(url)));
    strangers.add([named("http://d.example/f", false)]);
    const are = ["a", "b", "c", "d"].map((name) => strangers.has(`http://${name}.example/f`));
    expect(are).toEqual([false, false, true, false]);
  });

  it("A peer's source is the user where the user named it, or else whoever named it first", () => {
    const strangers = new Strangers({ ...given, named: [named("ws://b:1")] });
    strangers.add([
      { ...named("ws://a:1"), source: "dht" },
      { ...named("ws://b:1"), source: "dht" },
    ]);
    strangers.add([{ ...named("ws://c:1", false), source: "lan" }]);
    expect(["ws://a:1", "ws://b:1", "ws://c:1", "ws://d:1"].map((id) => strangers.sourceOf(id))).toEqual([
      "link",
      "metalink",
      "lan",
      "link",
    ]);
  });
});
