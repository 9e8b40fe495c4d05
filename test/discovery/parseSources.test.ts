import { describe, expect, it } from "vitest";
import { parseSources } from "../../src/discovery/parseSources.js";

const root = "ab".repeat(32);
const nothing = { root: undefined, metalink: undefined, places: [], mirrors: [] };

describe("parseSources", () => {
  it("Addresses of http and https are mirrors, each once, without their fragments, with their secrets", () => {
    const { mirrors, ...others } = parseSources([
      "http://a.example/f.iso",
      "HTTPS://me:hunter2@B.example:443/f.iso?x=1#part",
      "http://a.example:80/f.iso#top",
      `https://c.example/${root}`,
    ]);
    expect(mirrors).toEqual([
      "http://a.example/f.iso",
      "https://me:hunter2@b.example/f.iso?x=1",
      `https://c.example/${root}`,
    ]);
    expect(others).toEqual({ root: undefined, metalink: undefined, places: [] });
  });

  it.each([
    ["films/all.META4", "films/all.META4"],
    ["C:\\all.meta4", "C:\\all.meta4"],
    ["old.metalink", "old.metalink"],
    ["https://a.example/all.meta4", "https://a.example/all.meta4"],
    ["https://me:hunter2@a.example/all.meta4?v=2#x", "https://me:hunter2@a.example/all.meta4?v=2"],
  ])("The source %s is a metalink", (given, metalink) => {
    expect(parseSources([given])).toEqual({ ...nothing, metalink });
  });

  it.each(["https://a.example/all.meta4.zip", "https://a.example/?all.meta4", "https://a.example/all#.meta4"])(
    "The source %s is a mirror",
    (given) => {
      expect(parseSources([given]).mirrors).toHaveLength(1);
    },
  );

  it("A file out of a metalink is a source as it is", () => {
    const file = { name: "a", size: 1, urls: [] };
    expect(parseSources([file])).toEqual({ ...nothing, metalink: file });
  });

  it("Sources of all kinds together are one file", () => {
    expect(parseSources(["all.meta4", `ws://a:1/${root}`, "ws://b:2", "http://c/f", root.toUpperCase()])).toEqual({
      root,
      metalink: "all.meta4",
      places: ["ws://a:1", "ws://b:2"],
      mirrors: ["http://c/f"],
    });
  });

  it.each([
    [[], "the sources name no file; give a ws:// or wss:// link, an http:// or https:// URL, a .meta4 file,"],
    [["ftp://a/f"], '"ftp://a/f" is no source; it must be'],
    [[root.slice(1)], "is no source; it has 63 hex digits, and a root has 64; it must be"],
    [["ftp://me:hunter2@a/f"], '"ftp://a/f" is no source'],
    [["ftp://a/f.meta4"], '"ftp://a/f.meta4" is no source'],
    [["http:/a/f"], '"http:/a/f" is no URL; expected http://host/path'],
    [["https://me:hunter2@/f"], '"https:///f" is no URL'],
    [["https://me:hunter2@a:99999/all.meta4"], '"https://a:99999/all.meta4" is no URL'],
    [
      ["ws://a:1", "http://b/f"],
      "ws://a:1 may have many files, and no source says which; give its link, ws://a:1/ROOT",
    ],
    [[`ws://me:hunter2@a:1/${root}`], `"ws://a:1/${root}" is no peer link: it holds a user name or password`],
    [["a.meta4", "https://me:hunter2@b/b.meta4"], "two manifests were given: a.meta4 and https://b/b.meta4"],
    [["a.meta4", { name: "b\n", urls: [] }], 'two manifests were given: a.meta4 and "b\\n"'],
    [[root, "0".repeat(64)], "the sources name two files"],
  ])("The sources %j are refused, and no password is shown", (given, words) => {
    const refused = expect.objectContaining({
      name: "TypeError",
      message: expect.stringMatching(/^(?!.*hunter2)/) as string,
    }) as Error;
    expect(() => parseSources(given)).toThrow(refused);
    expect(() => parseSources(given)).toThrow(words);
  });
});
