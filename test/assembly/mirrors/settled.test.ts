import { type Observable, of, throwError } from "rxjs";
import { describe, it } from "vitest";
import { settled } from "../../../src/assembly/mirrors/settled.js";
import { marbles } from "../../operators/marbles.js";

const value = (work: string, value = work.toUpperCase()) => ({ work, value });
const error = (work: string) => ({ work, error: "error" });

describe("settled", () => {
  /** What comes of three works, as marbles. */
  const run = (graceMs: number, works: Readonly<Record<string, Observable<string>>>) =>
    settled(Object.keys(works), (work) => works[work] as Observable<string>, graceMs);

  it(
    "emits what became of each when all have ended, in their order",
    marbles(({ cold, expectObservable }) => {
      const works = { a: cold("---A"), b: cold("-#"), c: cold("--C") };
      expectObservable(run(10, works)).toBe("---(r|)", { r: [value("a"), error("b"), value("c")] });
    }),
  );

  it(
    "waits no longer than the grace after the first success, and leaves the rest",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const works = { a: cold("--A"), b: cold("----#"), c: cold("-----------C") };
      expectObservable(run(4, works)).toBe("------(r|)", { r: [value("a"), error("b")] });
      expectSubscriptions(works.a.subscriptions).toBe("^-!");
      expectSubscriptions(works.c.subscriptions).toBe("^-----!");
    }),
  );

  it(
    "counts the grace from the first success, not from later ones",
    marbles(({ cold, expectObservable }) => {
      const works = { a: cold("-----A"), b: cold("--B"), c: cold("-------C") };
      expectObservable(run(4, works)).toBe("------(r|)", { r: [value("a"), value("b")] });
    }),
  );

  it(
    "waits for a success as long as it takes",
    marbles(({ cold, expectObservable }) => {
      const works = { a: cold("-#"), b: cold("20ms B") };
      expectObservable(run(4, works)).toBe("20ms (r|)", { r: [error("a"), value("b")] });
    }),
  );

  it(
    "emits the errors when all have failed",
    marbles(({ cold, expectObservable }) => {
      expectObservable(run(4, { a: cold("-#"), b: cold("---#") })).toBe("---(r|)", { r: [error("a"), error("b")] });
    }),
  );

  it(
    "takes the first value of each, and knows nothing of one that has none",
    marbles(({ cold, expectObservable }) => {
      expectObservable(run(9, { a: cold("-AX|"), b: cold("--|") })).toBe("--(r|)", { r: [value("a")] });
    }),
  );

  it(
    "leaves all works when it is unsubscribed",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const works = { a: cold("-A"), b: cold("") };
      expectObservable(run(9, works), "^--!").toBe("");
      expectSubscriptions(works.b.subscriptions).toBe("^--!");
    }),
  );

  it(
    "is done at once with works that are, and with none",
    marbles(({ expectObservable }) => {
      const works = { a: of("A"), b: throwError(() => "error") };
      expectObservable(run(4, works)).toBe("(r|)", { r: [value("a"), error("b")] });
      expectObservable(run(4, {})).toBe("(r|)", { r: [] });
    }),
  );
});
