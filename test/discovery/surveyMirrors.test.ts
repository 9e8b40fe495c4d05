import { BehaviorSubject, map, NEVER, type Observable, of } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Mirror } from "../../src/discovery/Mirror.js";
import { MirrorAnswers } from "../../src/discovery/MirrorAnswers.js";
import { type SurveyConfig, surveyMirrors } from "../../src/discovery/surveyMirrors.js";
import type { DownloadError } from "../../src/errors/DownloadError.js";
import { someBytes } from "../download/swarm.js";
import { marbles } from "../operators/marbles.js";
import { discoveryFor } from "./discoveryFor.js";
import { scriptedMirror as mirror } from "./scriptedMirror.js";

const file = someBytes(20_000);
const shorter = file.subarray(1);
/** Of the same size, with another byte in its middle. */
const other = file.map((byte, at) => (at === 10_000 ? byte ^ 1 : byte));

type Scripted = ReturnType<typeof mirror>;

interface Found {
  agreed: readonly string[];
  refused: [host: string, code: string, text: string][];
  postponed: [host: string, code: string][];
  error: unknown;
  atMs: number;
}

interface More extends Partial<Omit<SurveyConfig, "askMore">> {
  /** Told how many have been refused. */
  readonly askMore?: (refused: number) => boolean;
}

/** Runs a survey to its end, in virtual time. */
function survey(
  mirrors: readonly Scripted[] | Observable<readonly Scripted[]>,
  size?: number,
  { askMore, ...more }: More = {},
): Found {
  const found: Found = { agreed: [], refused: [], postponed: [], error: undefined, atMs: -1 };
  marbles(({ scheduler }) => {
    const host = ({ id }: Mirror): string => new URL(id).hostname;
    const refuse = (peer: Mirror, { code, message }: DownloadError): void => {
      found.refused.push([host(peer), code, message]);
    };
    const postpone = (peer: Mirror, { code }: DownloadError): void => {
      found.postponed.push([host(peer), code]);
    };
    const discovery = discoveryFor();
    const opens = (): boolean => "length" in mirrors && mirrors.length === 1;
    const answers = new MirrorAnswers(discovery, { opens, size, left: NEVER });
    const all = ("length" in mirrors ? of(mirrors) : mirrors).pipe(map((some) => some.map(({ peer }) => peer)));
    const asks = askMore && { askMore: () => askMore(found.refused.length) };
    surveyMirrors(all, answers, { size, refuse, postpone, ...asks, ...more }, discovery).subscribe({
      next: (all) => {
        found.agreed = all.map(({ mirror }) => host(mirror));
        found.atMs = scheduler.now();
      },
      error: (error: unknown) => (found.error = error),
    });
  })();
  return found;
}

const refusals = ({ refused }: Found): readonly string[] => refused.map(([host, code]) => `${host} ${code}`);

describe("mirrors", () => {
  it("Mirrors that have the same file agree, and are compared at its start, middle and end", () => {
    const [a, b] = [mirror("a", file), mirror("b", file)];
    expect(survey([a, b])).toMatchObject({ agreed: ["a", "b"], refused: [], error: undefined });
    const asked = ["bytes=0-1", "bytes=0-4095", "bytes=7952-12047", "bytes=15904-19999"];
    expect([a.asked, b.asked]).toEqual([asked, asked]);
  });

  it("A mirror that is alone is asked for the beginning, and nothing else", () => {
    const a = mirror("a", file);
    expect(survey([a])).toMatchObject({ agreed: ["a"] });
    expect(a.asked).toEqual(["bytes=0-262143"]);
  });

  it("A mirror that has another size than most is refused", () => {
    const found = survey([mirror("a", shorter), mirror("b", file), mirror("c", file)]);
    expect(found.agreed).toEqual(["b", "c"]);
    expect(found.refused).toEqual([
      ["a", "RESOURCE_CHANGED", "http://a/file.bin has another file: its size is 19999, expected 20000"],
    ]);
  });

  it("A mirror that has other bytes than most is refused", () => {
    const found = survey([mirror("a", other), mirror("b", file), mirror("c", file)]);
    expect(found.agreed).toEqual(["b", "c"]);
    expect(found.refused).toEqual([
      [
        "a",
        "RESOURCE_CHANGED",
        "http://a/file.bin has another file of the same size: its bytes are not those of the other mirrors",
      ],
    ]);
  });

  it.each([
    ["size", shorter],
    ["bytes", other],
  ])(
    "Mirrors of which no more can be asked, and as many have one %s as another are decided by the order given",
    (_name, different) => {
      expect(survey([mirror("a", file), mirror("b", different)])).toMatchObject({ agreed: ["a"] });
      expect(survey([mirror("a", different), mirror("b", file)])).toMatchObject({ agreed: ["a"] });
    },
  );

  it.each([
    ["size", shorter],
    ["bytes", other],
  ])("More mirrors are asked while no %s has a majority, and nobody is refused before", (_name, different) => {
    const all = [mirror("a", different), mirror("b", file), mirror("c", file), mirror("d", different)];
    const asked = new BehaviorSubject(all.slice(0, 2));
    const refusedBefore: number[] = [];
    const askMore = (refused: number): boolean => {
      refusedBefore.push(refused);
      const { length } = asked.value;
      if (length < 3) asked.next(all.slice(0, length + 1));
      return asked.value.length > length;
    };
    const found = survey(asked, undefined, { askMore });
    expect([found.agreed, refusals(found), refusedBefore]).toEqual([["b", "c"], ["a RESOURCE_CHANGED"], [0]]);
    asked.next(all);
    const tied = survey(asked, undefined, { askMore });
    expect([tied.agreed, refusedBefore]).toEqual([
      ["a", "d"],
      [0, 0],
    ]);
  });

  it("A mirror that is late is waited for while no side has a majority, as long as any is", () => {
    const late = (afterMs: number) =>
      survey([
        mirror("a", other),
        mirror("b", file),
        mirror("gone", file, { turns: [404] }),
        mirror("c", file, { afterMs }),
      ]);
    expect(late(500).agreed).toEqual(["b", "c"]);
    expect(late(5000)).toMatchObject({ agreed: ["a"] });
  });

  it("Mirrors that have another size than is known are refused, however many they are", () => {
    const all = [mirror("a", shorter), mirror("b", shorter), mirror("c", file)];
    expect(survey(all, file.length)).toMatchObject({ agreed: ["c"] });
    expect(survey(all.slice(0, 2), file.length).error).toMatchObject({
      code: "RESOURCE_CHANGED",
      message: "http://b/file.bin has another file now: its size is 19999, expected 20000",
    });
  });

  it("A mirror that does not tell the size may still have the one that is known", () => {
    const alone = mirror("a", file, { tellsSize: false, ranges: false });
    expect(survey([alone], file.length)).toMatchObject({ agreed: ["a"], refused: [], error: undefined });
    expect(alone.peer.ranges).toBe(false);
    const page = mirror("a", file, { tellsSize: false, ranges: false, headers: { "content-type": "text/html" } });
    expect(survey([page], file.length).error).toMatchObject({ code: "RESOURCE_CHANGED" });
  });

  it("A mirror that sends only the whole file is not mixed with others", () => {
    const found = survey([mirror("a", file, { ranges: false }), mirror("b", file)]);
    expect(found.agreed).toEqual(["b"]);
    expect(refusals(found)).toEqual(["a CHUNK_NOT_AVAILABLE"]);
  });

  it("A mirror that sends a page in place of the file has no say in its size", () => {
    const page = someBytes(500);
    const pages = ["a", "b"].map((host) => mirror(host, page, { ranges: false }));
    expect(survey([...pages, mirror("c", file)])).toMatchObject({ agreed: ["c"] });
  });

  it("Mirrors of which all send only the whole file are one: the first", () => {
    const whole = ["a", "b"].map((host) => mirror(host, file, { ranges: false }));
    const found = survey(whole);
    expect(found.agreed).toEqual(["a"]);
    expect(refusals(found)).toEqual(["b CHUNK_NOT_AVAILABLE"]);
  });

  it("A mirror that does not tell the size is refused beside those that do", () => {
    const found = survey([mirror("a", file, { ranges: false, tellsSize: false }), mirror("b", file)]);
    expect(found.agreed).toEqual(["b"]);
    expect(refusals(found)).toEqual(["a CHUNK_NOT_AVAILABLE"]);
  });

  it("Mirrors of which none tells the size are one: the first", () => {
    const silent = ["a", "b"].map((host) => mirror(host, file, { ranges: false, tellsSize: false }));
    expect(survey(silent)).toMatchObject({ agreed: ["a"] });
  });

  it("Mirrors of an empty file agree without a comparison", () => {
    const none = someBytes(0);
    const empty = ["a", "b"].map((host) => mirror(host, none, { ranges: false }));
    expect(survey(empty)).toMatchObject({ agreed: ["a", "b"], error: undefined });
    expect(empty.map(({ asked }) => asked)).toEqual([["bytes=0-1"], ["bytes=0-1"]]);
  });
});

describe("a mirror that fails", () => {
  it("A mirror that fails for good is refused with what it said, and the others go on", () => {
    const found = survey([mirror("a", file, { turns: [404] }), mirror("b", file)]);
    expect(found).toMatchObject({ agreed: ["b"] });
    expect(refusals(found)).toEqual(["a FILE_NOT_FOUND"]);
  });

  it("A mirror that fails in passing is asked again", () => {
    const a = mirror("a", file, { turns: ["CONNECTION_RESET", 503, undefined] });
    const found = survey([a]);
    expect(found).toMatchObject({ agreed: ["a"], refused: [] });
    expect(a.asked).toHaveLength(3);
  });

  it("A mirror that fails in passing, and often, may join later", () => {
    const retries = { turns: [502] };
    const found = survey([mirror("a", file, retries), mirror("b", file, { afterMs: 8000 })]);
    expect(found).toMatchObject({ agreed: ["b"], refused: [], postponed: [["a", "PEER_UNAVAILABLE"]] });
    const alone = survey([mirror("a", file, retries)]);
    expect(alone).toMatchObject({ postponed: [], error: { code: "PEER_UNAVAILABLE" } });
    // Its failure is that of the download.
    expect(refusals(alone)).toEqual([]);
  });

  it("A mirror that is busy is not waited for, and asked on", () => {
    const busy = mirror("a", file, { turns: [503] });
    const found = survey([busy, mirror("b", file), mirror("c", file)]);
    expect(found).toMatchObject({ agreed: ["b", "c"], refused: [], postponed: [] });
    expect(busy.asked.length).toBeGreaterThan(1);
  });

  it("A mirror that fails in passing is left out by whoever is in a hurry, as soon as the others have answered", () => {
    const all = () => [mirror("a", file, { turns: [503] }), mirror("b", file, { afterMs: 100 })];
    expect(survey(all(), undefined, { hurry: of(true) })).toMatchObject({ agreed: ["b"], atMs: 100 });
    expect(survey(all())).toMatchObject({ agreed: ["b"], atMs: 1600 });
  });

  it("A mirror that says 404 while it is compared is left out for now, and not refused before it said so twice", () => {
    const a = mirror("a", file, { turns: [undefined, 404] });
    const found = survey([a, mirror("b", file), mirror("c", file)]);
    expect(found.agreed).toEqual(["b", "c"]);
    expect(refusals(found)).toEqual([]);
  });

  it("A silent mirror is waited for no longer than a moment after another has answered, and not refused", () => {
    const a = mirror("a", file, { silentFrom: 0 });
    const found = survey([a, mirror("b", file, { afterMs: 100 })]);
    expect(found).toMatchObject({ agreed: ["b"], refused: [], atMs: 1600 });
  });
});

describe("mirrors of which nobody has the file", () => {
  it("Mirrors of which none has the file say so when all of them do", () => {
    const { error } = survey([mirror("a", file, { turns: [404] }), mirror("b", file, { turns: [410] })]);
    expect(error).toMatchObject({
      code: "FILE_NOT_FOUND_ANYWHERE",
      cause: { code: "FILE_NOT_FOUND" },
      message: expect.stringContaining("none of 2 mirrors has the file") as string,
    });
    expect(survey([mirror("a", file, { turns: [404] })]).error).toMatchObject({ code: "FILE_NOT_FOUND_ANYWHERE" });
  });

  it("Mirrors of which none has the file fail with what the last one said when they fail in several ways", () => {
    const { error } = survey([mirror("a", file, { turns: [404] }), mirror("b", file, { turns: [401] })]);
    expect(error).toMatchObject({ code: "AUTH_FAILED", peer: "http://b/file.bin" });
  });

  it("A file without mirrors is NO_PEERS", () => {
    expect(survey([]).error).toMatchObject({ code: "NO_PEERS" });
  });
});
