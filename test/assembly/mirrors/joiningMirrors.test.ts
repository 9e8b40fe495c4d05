import { map } from "rxjs";
import { describe, expect, it } from "vitest";
import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { joiningMirrors } from "../../../src/assembly/mirrors/joiningMirrors.js";
import { resolveRetryConfig } from "../../../src/download/RetryConfig.js";
import { marbles } from "../../operators/marbles.js";
import { scriptedMirror, urlOf } from "./scriptedMirror.js";

const retry = resolveRetryConfig({ maxChunkRetries: 1, initialBackoffMs: 10 });
const file = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 31) & 0xff);
const other = file.map((byte) => byte ^ 1);

type Mirror = ReturnType<typeof scriptedMirror>;

/**
 * Plays lists of mirrors, of which the first `founders` agreed before and `refused` did not; expects the lists that come out, by names.
 * Tells who was refused on the way.
 */
function join(
  lists: string,
  expected: string,
  mirrors: Readonly<Record<string, Mirror>>,
  { founders = "a", refused = "" }: { readonly founders?: string; readonly refused?: string } = {},
) {
  const told: string[] = [];
  const peersOf = (names: string): HttpPeer[] =>
    names.split("").flatMap((name) => {
      const mirror = mirrors[name];
      return mirror === undefined ? [] : [mirror.peer];
    });
  const values = { 1: "a", 2: "ab", 3: "abc", b: "b", c: "ac" };
  marbles(({ hot, expectObservable, flush }) => {
    const peers = hot(lists, values).pipe(map(peersOf));
    const agreed = peersOf(founders).map((peer) => ({ peer, said: { ranges: peer.ranges, size: file.length } }));
    const result = joiningMirrors(
      peers,
      { mirrors: agreed, size: file.length, refused: new Set(peersOf(refused)) },
      { retry, refuse: ({ id }, error) => told.push(`${new URL(id).hostname} ${error.code}: ${error.message}`) },
    );
    expectObservable(result.pipe(map((all) => all.map(({ id }) => new URL(id).hostname).join("")))).toBe(expected, {
      ...values,
      0: "",
    });
    flush();
  })();
  return told;
}

describe("mirrors that join", () => {
  it("are taken when they have the same file", () => {
    const b = scriptedMirror("b", file);
    expect(join("-1-2", "-1-(12)", { a: scriptedMirror("a", file), b })).toEqual([]);
    expect(b.asked).toHaveLength(4);
  });

  it("are taken when they have answered, and nobody waits for them", () => {
    expect(
      join("-1-3", "-1-(1c) 16ms 3", {
        a: scriptedMirror("a", file),
        b: scriptedMirror("b", file, { ms: 10 }),
        c: scriptedMirror("c", file),
      }),
    ).toEqual([]);
  });

  it("are asked once, however often the list comes", () => {
    const b = scriptedMirror("b", other);
    const told = join("-2-2-2", "-1-1-1", { a: scriptedMirror("a", file), b });
    expect(told).toEqual([
      `b RESOURCE_CHANGED: ${urlOf("b")} has another file of the same size: its bytes are not those of the other mirrors`,
    ]);
    expect(b.asked).toHaveLength(4);
  });

  it("may leave and return", () => {
    const mirrors = { a: scriptedMirror("a", file), b: scriptedMirror("b", file) };
    expect(join("-2------1-2", "-(12)---1-2", mirrors)).toEqual([]);
  });

  it.each([
    ["another size", file.subarray(1), {}, `${urlOf("b")} has another file: its size is 19999, expected 20000`],
    [
      "only whole files",
      file,
      { ranges: false },
      `${urlOf("b")} sends only the whole file, which cannot be compared with the other mirrors'`,
    ],
    [
      "no size",
      file,
      { tellsSize: false, ranges: false },
      `${urlOf("b")} sends only the whole file, which cannot be compared with the other mirrors'`,
    ],
  ] as const)("are refused when they have %s", (_, bytes, script, message) => {
    const told = join("-2", "-1", { a: scriptedMirror("a", file), b: scriptedMirror("b", bytes, script) });
    expect(told).toEqual([`b RESOURCE_CHANGED: ${message}`]);
  });

  it("are refused when they do not answer, after the retries", () => {
    const told = join("-2", "-1", { a: scriptedMirror("a", file), b: scriptedMirror("b", file, { diesAfter: 0 }) });
    expect(told).toEqual(["b CONNECTION_REFUSED: b is gone"]);
  });

  it("are refused when there is nothing that they could be compared with", () => {
    const a = scriptedMirror("a", file, { ranges: false });
    a.peer.probe().subscribe();
    expect(join("-2", "-1", { a, b: scriptedMirror("b", file) })[0]).toContain("cannot be compared");
  });

  it("are not asked when a survey has refused them", () => {
    const b = scriptedMirror("b", file);
    expect(join("-2", "-1", { a: scriptedMirror("a", file), b }, { refused: "b" })).toEqual([]);
    expect(b.asked).toEqual([]);
  });

  it("are compared with another one when the first is gone", () => {
    const mirrors = {
      a: scriptedMirror("a", file, { diesAfter: 0 }),
      b: scriptedMirror("b", file),
      c: scriptedMirror("c", file),
    };
    expect(join("-3", "-2 9ms 3", mirrors, { founders: "ab" })).toEqual([]);
  });

  it("are refused, and not blamed, when all others are gone", () => {
    const mirrors = { a: scriptedMirror("a", file, { diesAfter: 0 }), b: scriptedMirror("b", file) };
    expect(join("-2", "-1", mirrors)).toEqual([
      `b CONNECTION_REFUSED: ${urlOf("b")} cannot be compared with the other mirrors: a is gone`,
    ]);
  });

  it("are held to what they said", () => {
    const script = { etag: '"1"' };
    const b = scriptedMirror("b", file, script);
    join("-2", "-(12)", { a: scriptedMirror("a", file), b });
    script.etag = '"2"';
    const errors: unknown[] = [];
    b.peer.probe().subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toMatchObject([{ code: "RESOURCE_CHANGED" }]);
  });
});
