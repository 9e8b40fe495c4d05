import { of } from "rxjs";
import { describe, expect, it } from "vitest";
import { quorum } from "../../src/discovery/quorum.js";
import { sampleAt, sampleRanges } from "../../src/discovery/samples.js";
import { marbles } from "../operators/marbles.js";

describe("works side by side", () => {
  it(
    "Works side by side are over when all have ended, and told in their order",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("---x|"), cold("-#")];
      const works = { a, b };
      expectObservable(quorum(of(["a", "b"] as const), (name) => works[name], { graceMs: 100, longestMs: 1000 })).toBe(
        "---(r|)",
        {
          r: [
            { work: "a", value: "x" },
            { work: "b", error: "error" },
          ],
        },
      );
      expectSubscriptions(a.subscriptions).toBe("^--!");
      expectSubscriptions(b.subscriptions).toBe("^!");
    }),
  );

  it(
    "Works side by side are left a moment after the first that succeeded",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, c] = [cold("--x|"), cold("----#"), cold("-----------y|")];
      const works = { a, b, c };
      expectObservable(quorum(of(["c", "b", "a"] as const), (name) => works[name], { graceMs: 4, longestMs: 20 })).toBe(
        "------(r|)",
        {
          r: [
            { work: "b", error: "error" },
            { work: "a", value: "x" },
          ],
        },
      );
      expectSubscriptions(c.subscriptions).toBe("^-----!");
    }),
  );

  it(
    "Works side by side are not left to the first while most have not ended, but no longer than the longest wait",
    marbles(({ cold, expectObservable }) => {
      const works = { a: cold("--x|"), b: cold("12ms y|"), c: cold("14ms z|"), d: cold("-") };
      const run = (longestMs: number) =>
        quorum(of(["a", "b", "c", "d"] as const), (name) => works[name], { graceMs: 4, longestMs });
      const [a, b, c] = [
        { work: "a", value: "x" },
        { work: "b", value: "y" },
        { work: "c", value: "z" },
      ];
      expectObservable(run(100)).toBe("14ms (r|)", { r: [a, b, c] });
      expectObservable(run(5)).toBe("7ms (r|)", { r: [a] });
    }),
  );

  it(
    "Works side by side wait for a success as long as it takes",
    marbles(({ cold, expectObservable }) => {
      const works = { a: cold("#"), b: cold("50ms x|") };
      expectObservable(quorum(of(["a", "b"] as const), (name) => works[name], { graceMs: 4, longestMs: 20 })).toBe(
        "50ms (r|)",
        {
          r: [
            { work: "a", error: "error" },
            { work: "b", value: "x" },
          ],
        },
      );
    }),
  );

  it(
    "Works side by side that never end never settle, and are left with whoever leaves",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold("-");
      expectObservable(
        quorum(of([a]), (work) => work, { graceMs: 4, longestMs: 20 }),
        "^--!",
      ).toBe("----");
      expectSubscriptions(a.subscriptions).toBe("^--!");
    }),
  );

  it(
    "Works side by side that are none or end without a value have no result",
    marbles(({ cold, expectObservable }) => {
      expectObservable(quorum(of([]), () => cold("#"), { graceMs: 4, longestMs: 20 })).toBe("(r|)", { r: [] });
      expectObservable(quorum(of([1]), () => cold("--|"), { graceMs: 4, longestMs: 20 })).toBe("--(r|)", { r: [] });
    }),
  );
});

describe("samples", () => {
  const placesOf = (size: number) => sampleRanges(size).map(({ position, length }) => [position, length]);

  it("Samples are the start, the middle and the end", () => {
    expect(placesOf(20_000)).toEqual([
      [0, 4096],
      [7952, 4096],
      [15_904, 4096],
    ]);
  });

  it("Samples stay within the file, and are each taken once", () => {
    expect(placesOf(0)).toEqual([]);
    expect(placesOf(1)).toEqual([[0, 1]]);
    expect(placesOf(4096)).toEqual([[0, 4096]]);
    expect(placesOf(4097)).toEqual([
      [0, 4096],
      [1, 4096],
    ]);
  });

  it("Samples go beyond 4 GiB", () => {
    expect(placesOf(5 * 2 ** 30).at(-1)).toEqual([5 * 2 ** 30 - 4096, 4096]);
  });

  it("Samples are no longer than 4096 bytes at a place of one's own", () => {
    expect(sampleAt(7)).toMatchObject({ position: 7, length: 4096 });
    expect(sampleAt(7, 10)).toMatchObject({ position: 7, length: 10 });
    expect(sampleAt(7, 10_000)).toMatchObject({ length: 4096 });
  });
});
