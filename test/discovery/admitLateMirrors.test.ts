import { BehaviorSubject, NEVER, of, takeUntil, timer } from "rxjs";
import { describe, expect, it } from "vitest";
import { admitLateMirrors } from "../../src/discovery/admitLateMirrors.js";
import type { Discovery } from "../../src/discovery/Discovery.js";
import type { AnsweredMirror, Mirror } from "../../src/discovery/Mirror.js";
import { MirrorAnswers } from "../../src/discovery/MirrorAnswers.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { someBytes } from "../download/swarm.js";
import { marbles } from "../operators/marbles.js";
import { discoveryFor } from "./discoveryFor.js";
import { scriptedMirror as mirror } from "./scriptedMirror.js";

const file = someBytes(20_000);
const other = file.map((byte, at) => (at === 0 ? byte ^ 1 : byte));

type Scripted = ReturnType<typeof mirror>;

const answersFor = (discovery: Discovery) =>
  new MirrorAnswers(discovery, { opens: () => false, size: file.length, left: NEVER });
const admit = ({ mirror, said }: AnsweredMirror): void => mirror.expect(said);

/** What the list becomes as mirrors come, one list after another, in virtual time. */
function join(founders: readonly Scripted[], ...lists: readonly (readonly Scripted[])[]) {
  return joinUntil(Infinity, founders, ...lists);
}

/** The same, with ten seconds between the lists. */
function joinUntil(endMs: number, founders: readonly Scripted[], ...lists: readonly (readonly Scripted[])[]) {
  const seen: string[][] = [];
  const postponed: [host: string, code: string, atMs: number][] = [];
  const refused: [host: string, code: string, text: string][] = [];
  const host = ({ id }: Mirror): string => new URL(id).hostname;
  marbles(({ flush, scheduler }) => {
    const peers = new BehaviorSubject(founders.map(({ peer }) => peer));
    const answered = founders.map(({ peer }) => ({ mirror: peer, said: { ranges: peer.ranges } }));
    const refuse = (peer: Mirror, { code, message }: DownloadError): void => {
      refused.push([host(peer), code, message]);
    };
    const known = {
      answered,
      size: file.length,
      members: new Set<Mirror>(),
      refused: new Set<Mirror>(),
      postponed: new Map<Mirror, DownloadError>(),
    };
    const postpone = (peer: Mirror, { code }: DownloadError): void => {
      postponed.push([host(peer), code, scheduler.now()]);
    };
    const discovery = discoveryFor();
    admitLateMirrors(peers, answersFor(discovery), known, { refuse, postpone, admit }, discovery)
      .pipe(takeUntil(endMs === Infinity ? NEVER : timer(endMs)))
      .subscribe((all) => seen.push(Array.from(all, host)));
    const come = (list: readonly Scripted[]): void => peers.next(list.map(({ peer }) => peer));
    if (endMs < Infinity) lists.forEach((list, at) => timer(at * 10_000).subscribe(() => come(list)));
    else {
      for (const list of lists) {
        come(list);
        flush();
      }
    }
  })();
  return { seen, refused, postponed, last: seen.at(-1) };
}

describe("a mirror that comes later", () => {
  const a = mirror("a", file);

  it("A late mirror joins when it has the same file, and is held to what it said", () => {
    const b = mirror("b", file, { headers: { etag: '"v1"' } });
    const { seen, refused } = join([a], [a, b]);
    expect(seen[0]).toEqual(["a"]);
    expect(seen.at(-1)).toEqual(["a", "b"]);
    expect(refused).toEqual([]);
    b.peer.request({ chunk: 0, offset: 0, length: 1, position: 0 }).subscribe();
    expect(b.ifMatch.at(-1)).toBe('"v1"');
  });

  it.each([
    ["another size", mirror("b", file.subarray(1)), "RESOURCE_CHANGED", "its size is 19999, expected 20000"],
    ["other bytes", mirror("b", other), "RESOURCE_CHANGED", "has another file of the same size"],
    ["only the whole file", mirror("b", file, { ranges: false }), "CHUNK_NOT_AVAILABLE", "sends only the whole file"],
  ])("A late mirror that has %s is refused, once", (_name, b, code, text) => {
    const { last, refused } = join([a], [a, b], [a, b]);
    expect(last).toEqual(["a"]);
    expect(refused).toEqual([["b", code, expect.stringContaining(text)]]);
  });

  it("A late mirror that keeps its size to itself joins by its bytes", () => {
    const { last, refused } = join([a], [a, mirror("b", file, { tellsSize: false })]);
    expect(refused).toEqual([]);
    expect(last).toEqual(["a", "b"]);
  });

  it("A late mirror that fails is refused with what it said", () => {
    const { last, refused } = join([a], [a, mirror("b", file, { turns: [403] })]);
    expect(last).toEqual(["a"]);
    expect(refused).toEqual([["b", "AUTH_FAILED", expect.anything()]]);
  });

  it("A late mirror is compared with any of those that were there first", () => {
    const dead = mirror("a", file, { turns: ["CONNECTION_REFUSED"] });
    const b = mirror("b", file);
    const { last, refused } = join([dead, b], [dead, b, mirror("c", file)]);
    expect(refused).toEqual([]);
    expect(last).toEqual(["a", "b", "c"]);
  });

  it("A late mirror cannot join when nobody is there to be compared with, and that is not its own failure", () => {
    const whole = mirror("a", file, { ranges: false });
    whole.peer.probe().subscribe();
    const { last, refused } = join([whole], [whole, mirror("b", file)]);
    expect(last).toEqual(["a"]);
    expect(refused).toEqual([["b", "CHUNK_NOT_AVAILABLE", expect.stringContaining("cannot be compared")]]);
  });

  it("A late mirror joins when it can be compared again, or answers again", () => {
    const dead = { turns: Array<"CONNECTION_REFUSED">(4).fill("CONNECTION_REFUSED") };
    const cases = [
      [
        mirror("a", file, { turns: [...Array<"CONNECTION_REFUSED">(12).fill("CONNECTION_REFUSED"), undefined] }),
        mirror("b", file),
      ],
      [mirror("a", file), mirror("b", file, { turns: [...dead.turns, undefined] })],
    ] as const;
    for (const [founder, late] of cases) {
      const { last, refused, postponed } = joinUntil(320_000, [founder], [founder, late]);
      expect([last, refused]).toEqual([["a", "b"], []]);
      expect(postponed.map(([host, , atMs]) => [host, atMs])).toEqual([["b", 7000]]);
    }
  });

  it("A late mirror that failed before is asked again when it wishes, and no sooner", () => {
    const late = mirror("b", file);
    const failure = new DownloadError("PEER_BUSY", "later", { retryAfterMs: 400_000 });
    const known = {
      answered: [{ mirror: a.peer, said: { ranges: true } }],
      size: file.length,
      members: new Set<Mirror>(),
      refused: new Set<Mirror>(),
      postponed: new Map([[late.peer, failure]]),
    };
    const quiet = (): void => expect.unreachable();
    const told = { refuse: quiet, postpone: quiet, admit };
    marbles(({ scheduler, flush }) => {
      const askedAt: number[] = [];
      const discovery = discoveryFor();
      admitLateMirrors(of([a.peer, late.peer]), answersFor(discovery), known, told, discovery).subscribe(() =>
        askedAt.push(scheduler.now()),
      );
      flush();
      expect(askedAt).toEqual([0, 400_000]);
    })();
    expect(late.asked).toHaveLength(4);
  });

  it("A late mirror is asked no more when it has left", () => {
    const late = mirror("b", file, { turns: ["CONNECTION_REFUSED"] });
    const { last, postponed } = joinUntil(900_000, [a], [a, late], [a]);
    expect([last, postponed.length, late.asked.length]).toEqual([["a"], 1, 4]);
  });
});

it("A mirror that was refused before is asked nothing", () => {
  const [a, b] = [mirror("a", file), mirror("b", file)];
  const refuse = (): void => expect.unreachable();
  const known = {
    answered: [{ mirror: a.peer, said: { ranges: true } }],
    size: file.length,
    members: new Set<Mirror>(),
    refused: new Set([b.peer]),
    postponed: new Map<Mirror, DownloadError>(),
  };
  const seen: number[] = [];
  const discovery = discoveryFor();
  const told = { refuse, postpone: refuse, admit };
  admitLateMirrors(of([a.peer, b.peer]), answersFor(discovery), known, told, discovery).subscribe((all) =>
    seen.push(all.size),
  );
  expect(seen).toEqual([1]);
  expect(b.asked).toEqual([]);
});
