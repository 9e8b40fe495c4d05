import { describe, expect, it } from "vitest";
import type { OtherVersion } from "../../src/discovery/compareVersions.js";
import { Doubts } from "../../src/discovery/Doubts.js";

const weak = { why: "a page came", isWeak: true };
const strong = { why: "its size was 1 and is 2", isWeak: false };
const tagged = (etag: string): OtherVersion => ({ why: `its ETag is ${etag}`, isWeak: false, etag });
const facts = { size: 1, mirrors: { a: { etag: '"a"', lastModified: "Sat, 01 Jan 2022 00:00:00 GMT" } } };

it("A strong word counts when it is said twice, and a third one begins anew", () => {
  const doubts = new Doubts();
  expect([1, 2, 3, 4].map(() => doubts.confirms(strong))).toEqual([false, true, false, true]);
});

it("A weak word never counts, and is no part of the count", () => {
  const doubts = new Doubts();
  expect([weak, strong, weak, strong].map((word) => doubts.confirms(word))).toEqual([false, false, false, true]);
});

it("A run that ended because the file changed has said it once", () => {
  const doubts = new Doubts();
  doubts.heard();
  expect(doubts.confirms(strong)).toBe(true);
});

it("A doubt says what was answered and how to begin anew, of a file and of what is in memory", () => {
  const doubts = new Doubts();
  expect(doubts.raise(strong, "a.part")).toMatchObject({
    code: "PEER_UNAVAILABLE",
    message:
      "What the mirrors have now is not what a.part is of: its size was 1 and is 2. It is left as it is; to begin anew, remove it and a.part.json",
  });
  expect(doubts.raise(strong).message).toBe(
    "What the mirrors have now is not what is here: its size was 1 and is 2. It is left as it is; to begin anew, make a new download",
  );
});

it("A doubt has the mirrors asked again once", () => {
  const doubts = new Doubts();
  expect(doubts.take()).toBeUndefined();
  doubts.raise(strong);
  expect(doubts.take()).toBe("What the mirrors have now is not what is here: its size was 1 and is 2");
  expect(doubts.take()).toBeUndefined();
});

describe("Another version of a file that is half here counts", () => {
  it.each([
    ["when the same ETag is said twice", [tagged('"b"'), tagged('"b"')], [false, true]],
    ["when another word confirms its ETag", [tagged('"b"'), strong], [false, true]],
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
  it("The ETags that mirrors tell are compared as long as they may be those of versions", () => {
    const doubts = new Doubts();
    doubts.confirms(tagged('"b"'));
    expect(doubts.told(facts)).toBe(facts);
  });

  it("The ETags that mirrors tell are left out when each answer had one of its own", () => {
    const doubts = new Doubts();
    doubts.confirms(tagged('"b"'));
    doubts.confirms(tagged('"c"'));
    expect(doubts.told(facts)).toEqual({ size: 1, mirrors: { a: { lastModified: facts.mirrors.a.lastModified } } });
  });
});
