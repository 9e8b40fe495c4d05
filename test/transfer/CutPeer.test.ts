import { concat, ignoreElements, map, type Observable, timer } from "rxjs";
import { describe, expect, it } from "vitest";
import { CutPeer } from "../../src/transfer/CutPeer.js";
import { marbles } from "../operators/marbles.js";
import { lettersSource, textOf } from "./lettersSource.js";

const pieces = ["aa", "bb", "cc", "dd"];

const range = (position: number, length: number) => ({ chunk: 0, offset: 0, length, position });

function cut(source = lettersSource(pieces)) {
  const peer = new CutPeer(source);
  const passed: number[] = [];
  peer.passedOver.subscribe((bytes) => passed.push(bytes));
  const read = (position: number, length: number) => peer.request(range(position, length)).pipe(map(textOf));
  const after = <T>(ms: number, then: Observable<T>) => concat(timer(ms).pipe(ignoreElements()), then);
  return { source, peer, passed, read, after };
}

/** Pieces that come out, by the letter that stands for them. */
const words = { A: "aa", B: "bb", C: "cc", b: "b", c: "c", _: "" };
const lost = expect.objectContaining({ code: "CONNECTION_LOST", message: "W: closed by us", peer: "W" }) as unknown;

describe("a mirror whose stream is cut", () => {
  it("cannot start in the middle, and has the mirror's name", () => {
    const { peer } = cut();
    expect([peer.ranges, peer.id]).toEqual([false, "W"]);
  });

  it(
    "is asked nothing before somebody subscribes",
    marbles(({ flush }) => {
      const { source, read } = cut();
      read(0, 4);
      flush();
      expect(source.asked).toBe(0);
    }),
  );

  it(
    "gives chunks in their order out of one stream",
    marbles(({ expectObservable, flush }) => {
      const { source, passed, read } = cut();
      expectObservable(concat(read(0, 4), read(4, 2))).toBe("10ms A 9ms B 9ms (C|)", words);
      flush();
      expect([source.asked, passed]).toEqual([1, []]);
    }),
  );

  it(
    "cuts in the middle of what comes, and keeps the rest for the next chunk",
    marbles(({ expectObservable, flush }) => {
      const { source, passed, read } = cut();
      expectObservable(concat(read(0, 3), read(3, 3))).toBe("10ms A 9ms (bb) 6ms (C|)", words);
      flush();
      expect([source.asked, passed]).toEqual([1, []]);
    }),
  );

  it(
    "stands still between two chunks",
    marbles(({ expectObservable, flush }) => {
      const { source, passed, read, after } = cut();
      expectObservable(read(0, 2)).toBe("10ms (A|)", words);
      expectObservable(after(1000, read(2, 2))).toBe("1010ms (B|)", words);
      flush();
      expect([source.asked, passed]).toEqual([1, []]);
    }),
  );

  it(
    "passes over what lies before the chunk, and shows meanwhile that it lives",
    marbles(({ expectObservable, flush }) => {
      const { passed, read } = cut();
      expectObservable(read(5, 1)).toBe("10ms _ 9ms _ 9ms (c|)", words);
      flush();
      expect(passed).toEqual([2, 2, 1]);
    }),
  );

  it(
    "begins anew for a chunk that lies behind",
    marbles(({ expectObservable, flush }) => {
      const { source, read } = cut();
      expectObservable(concat(read(4, 2), read(0, 2))).toBe("10ms _ 9ms _ 9ms C 9ms (A|)", words);
      flush();
      expect(source.asked).toBe(2);
    }),
  );

  it(
    "goes on after a reader that left, from where it stands",
    marbles(({ expectObservable, flush }) => {
      const { source, passed, read, after } = cut();
      expectObservable(read(0, 8), "^ 14ms !").toBe("10ms A", words);
      expectObservable(after(1000, read(4, 2))).toBe("1010ms _ 9ms (C|)", words);
      flush();
      expect([source.asked, passed]).toEqual([1, [2]]);
    }),
  );

  it(
    "gives its reader the end, when it is let go, and begins anew for the next one",
    marbles(({ cold, expectObservable, flush }) => {
      const { source, peer, read, after } = cut();
      cold("15ms x").subscribe(() => peer.close());
      expectObservable(read(0, 8)).toBe("10ms A 4ms #", words, lost);
      expectObservable(after(50, read(0, 2))).toBe("60ms (A|)", words);
      flush();
      expect(source.asked).toBe(2);
    }),
  );

  it(
    "has the mirror renew its connections when told to, and lets its stream go",
    marbles(({ cold, expectObservable, flush }) => {
      const { source, peer, read } = cut();
      cold("15ms x").subscribe(() => peer.renew());
      expectObservable(read(0, 8)).toBe("10ms A 4ms #", words, lost);
      flush();
      expect(source.renewed).toBe(1);
    }),
  );
});
