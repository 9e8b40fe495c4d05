import { describe, expect, it } from "vitest";
import type { OtherVersion } from "../../src/discovery/compareVersions.js";
import { Doubts } from "../../src/discovery/Doubts.js";

const tagged = (etag: string): OtherVersion => ({ why: `its ETag is ${etag}`, isWeak: false, etag });
const bigger: OtherVersion = { why: "its size was 1 and is 2", isWeak: false };
const page: OtherVersion = { why: "the answer was a page", isWeak: true };
const facts = { size: 1, mirrors: { a: { etag: '"a"', lastModified: "Sat, 01 Jan 2022 00:00:00 GMT" } } };

describe("Another version of a file that is half here counts", () => {
  it.each([
    ["when the same ETag is said twice", [tagged('"b"'), tagged('"b"')], [false, true]],
    ["when its size was another one twice", [bigger, bigger], [false, true]],
    ["when another word confirms its ETag", [tagged('"b"'), bigger], [false, true]],
    ["when a page came in between", [bigger, page, bigger], [false, false, true]],
    ["never when it is a page", [page, page, page], [false, false, false]],
    [
      "not when each answer has an ETag of its own",
      [tagged('"b"'), tagged('"c"'), tagged('"d"')],
      [false, false, false],
    ],
  ])("%s", (_when, words, expected) => {
    const doubts = new Doubts();
    expect(words.map((word) => doubts.confirms(word))).toEqual(expected);
  });
});

describe("The ETags that mirrors tell", () => {
  it("are compared as long as they may be those of versions", () => {
    const doubts = new Doubts();
    doubts.confirms(tagged('"b"'));
    expect(doubts.told(facts)).toBe(facts);
  });

  it("are left out when each answer had one of its own", () => {
    const doubts = new Doubts();
    doubts.confirms(tagged('"b"'));
    doubts.confirms(tagged('"c"'));
    expect(doubts.told(facts)).toEqual({ size: 1, mirrors: { a: { lastModified: facts.mirrors.a.lastModified } } });
  });
});
