import { map, NEVER, of, startWith, throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import { surveyMirrors } from "../../../src/assembly/mirrors/surveyMirrors.js";
import { resolveRetryConfig } from "../../../src/download/RetryConfig.js";
import { marbles } from "../../operators/marbles.js";
import { type MirrorScript, scriptedMirror, urlOf } from "./scriptedMirror.js";

const retry = resolveRetryConfig({ maxChunkRetries: 1, initialBackoffMs: 10 });
const fileOf = (size: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) & 0xff);
const file = fileOf(20_000);
const other = fileOf(20_000, 1);

type Script = MirrorScript & { readonly file?: Uint8Array };

/** Surveys mirrors called a, b, c, …; tells who agreed when, as marbles, and who was refused for what. */
function survey(expected: string, scripts: readonly Script[], size?: number) {
  const mirrors = scripts.map((script, i) => scriptedMirror("abcdef".charAt(i), script.file ?? file, script));
  const refused: Record<string, string> = {};
  const found = { agreed: "", refused, asked: mirrors.map(({ asked }) => asked.length), said: [] as unknown[] };
  marbles(({ expectObservable, flush }) => {
    const peers = of(mirrors.map(({ peer }) => peer));
    const result = surveyMirrors(peers, {
      retry,
      size,
      refuse: ({ id }, { code, message }) => (refused[new URL(id).hostname] = `${code}: ${message}`),
    });
    const named = result.pipe(
      map((agreed) => {
        found.said = agreed.map(({ said }) => said);
        return (found.agreed = agreed.map(({ peer }) => new URL(peer.id).hostname).join(""));
      }),
    );
    expectObservable(named.pipe(map(() => "r"))).toBe(expected, undefined, expect.anything());
    flush();
  })();
  return { ...found, asked: mirrors.map(({ asked }) => asked.length) };
}

const whyNot = {
  size: (name: string, size: number, wanted: number) =>
    `RESOURCE_CHANGED: ${urlOf(name)} has another file: its size is ${size}, expected ${wanted}`,
  bytes: (name: string) =>
    `RESOURCE_CHANGED: ${urlOf(name)} has another file of the same size: its bytes are not those of the other mirrors`,
  whole: (name: string) =>
    `RESOURCE_CHANGED: ${urlOf(name)} sends only the whole file, which cannot be compared with the other mirrors'`,
};

describe("a survey of mirrors", () => {
  it("takes those that agree, and tells what they said", () => {
    const { agreed, refused, said } = survey("(r|)", [{ etag: '"1"' }, { lastModified: "yesterday" }]);
    expect([agreed, refused]).toEqual(["ab", {}]);
    expect(said).toMatchObject([
      { size: 20_000, ranges: true, etag: '"1"', name: "file.bin" },
      { lastModified: "yesterday" },
    ]);
  });

  it("asks an only mirror one thing", () => {
    expect(survey("(r|)", [{}])).toMatchObject({ agreed: "a", asked: [1] });
  });

  it("refuses those whose file has another size than most, or than the first", () => {
    expect(survey("(r|)", [{ file: fileOf(9) }, {}, {}])).toMatchObject({
      agreed: "bc",
      refused: { a: whyNot.size("a", 9, 20_000) },
    });
    expect(survey("(r|)", [{}, { file: fileOf(9) }])).toMatchObject({
      agreed: "a",
      refused: { b: whyNot.size("b", 9, 20_000) },
    });
  });

  it("refuses those whose bytes are other ones than most have, or than the first has", () => {
    expect(survey("(r|)", [{ file: other }, {}, {}])).toMatchObject({
      agreed: "bc",
      refused: { a: whyNot.bytes("a") },
    });
    expect(survey("(r|)", [{}, { file: other }])).toMatchObject({ agreed: "a", refused: { b: whyNot.bytes("b") } });
  });

  it("notices a difference in the middle or at the end", () => {
    for (const at of [10_000, 19_999]) {
      const changed = file.slice();
      changed[at] = 1 ^ (changed[at] ?? 0);
      expect(survey("(r|)", [{}, { file: changed }]).refused).toEqual({ b: whyNot.bytes("b") });
    }
  });

  it("gives those that send whole files no say beside those that serve ranges", () => {
    const page = { file: fileOf(50), ranges: false };
    expect(survey("(r|)", [page, page, {}])).toMatchObject({
      agreed: "c",
      refused: { a: whyNot.size("a", 50, 20_000), b: whyNot.size("b", 50, 20_000) },
    });
    expect(survey("(r|)", [{ ranges: false }, {}])).toMatchObject({ agreed: "b", refused: { a: whyNot.whole("a") } });
  });

  it("takes the first of those that send whole files when there are no others", () => {
    const { agreed, refused } = survey("(r|)", [{ ranges: false }, { ranges: false }]);
    expect([agreed, refused]).toEqual(["a", { b: whyNot.whole("b") }]);
  });

  it("takes a size that is known from elsewhere for the right one", () => {
    const { agreed, refused } = survey("(r|)", [{ file: fileOf(9) }, { file: fileOf(9) }, {}], 20_000);
    expect([agreed, Object.keys(refused)]).toEqual(["c", ["a", "b"]]);
  });

  it("fails when nobody has a file of that size", () => {
    expect(survey("#", [{}], 7).refused).toEqual({ a: whyNot.size("a", 20_000, 7) });
  });

  it("refuses one that keeps its size to itself where others tell it", () => {
    const { agreed, refused } = survey("(r|)", [{ tellsSize: false, ranges: false }, {}]);
    expect([agreed, refused]).toEqual(["b", { a: whyNot.whole("a") }]);
  });

  it("takes one that keeps its size to itself when all do", () => {
    expect(survey("(r|)", [{ tellsSize: false, ranges: false }]).said).toMatchObject([{ ranges: false }]);
  });

  it("knows empty files without comparing anything", () => {
    expect(survey("(r|)", [{ file: fileOf(0), ranges: false }])).toMatchObject({ agreed: "a", asked: [1] });
  });

  it("refuses those that do not answer, after the retries, with what they said", () => {
    const { agreed, refused, asked } = survey("10ms (r|)", [{ diesAfter: 0 }, { status: 404 }, { status: 403 }, {}]);
    expect(agreed).toBe("d");
    expect(Object.keys(refused).sort()).toEqual(["a", "b", "c"]);
    expect(refused["a"]).toBe("CONNECTION_REFUSED: a is gone");
    expect(asked.slice(0, 3)).toEqual([2, 1, 1]);
  });

  it("waits a moment for the others after the first answer, and neither takes nor refuses who is later", () => {
    const { agreed, refused } = survey("750ms (r|)", [{ ms: 200 }, { ms: 300 }, { ms: 5000 }]);
    expect([agreed, refused]).toEqual(["ab", {}]);
  });

  it("refuses one that is lost while bytes are compared", () => {
    const { agreed, refused } = survey("10ms (r|)", [{}, { diesAfter: 1 }, {}]);
    expect([agreed, refused]).toEqual(["ac", { b: "CONNECTION_REFUSED: b is gone" }]);
  });

  it("fails with what the last one said when nobody has the file", () => {
    expect(survey("#", [{ status: 404 }, { status: 404 }]).agreed).toBe("");
  });

  it("passes on what is wrong with the list of mirrors", () => {
    marbles(({ expectObservable }) => {
      const config = { retry, refuse: () => undefined };
      expectObservable(
        surveyMirrors(
          throwError(() => "typo"),
          config,
        ),
      ).toBe("#", undefined, "typo");
      expectObservable(surveyMirrors(NEVER.pipe(startWith([])), config)).toBe(
        "#",
        undefined,
        expect.objectContaining({ code: "NO_PEERS" }),
      );
    })();
  });
});
