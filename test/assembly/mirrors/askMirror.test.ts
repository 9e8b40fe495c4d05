import { concatMap, NEVER, of, Subject, throwError, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { scriptedPeer } from "../../../src/adapters/memory/scriptedPeer.js";
import { askMirror } from "../../../src/assembly/mirrors/askMirror.js";
import { cutPeers } from "../../../src/assembly/mirrors/cutPeers.js";
import { printOf, sampled } from "../../../src/assembly/mirrors/sampled.js";
import { sampleAt } from "../../../src/assembly/mirrors/sampleRanges.js";
import { resolveRetryConfig } from "../../../src/download/RetryConfig.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../../src/errors/verdicts.js";
import type { Peer } from "../../../src/peers/Peer.js";
import { CutPeer } from "../../../src/transfer/CutPeer.js";
import { someBytes } from "../../download/swarm.js";
import { marbles } from "../../operators/marbles.js";
import { scriptedMirror } from "./scriptedMirror.js";

const retry = resolveRetryConfig({ jitter: "none" });

/** When each question was asked, and how it ended, of a mirror that answers so. */
function ask(...answers: readonly (DownloadErrorCode | DownloadError | "yes" | "silent")[]) {
  const [askedAt, told]: [number[], unknown[]] = [[], []];
  marbles(({ scheduler }) => {
    const question = () => {
      const answer = answers[Math.min(askedAt.length, answers.length - 1)] ?? "silent";
      askedAt.push(scheduler.now());
      if (answer === "silent") return NEVER;
      if (answer === "yes") return of(answer);
      return throwError(() => (typeof answer === "string" ? new DownloadError(answer, "fails") : answer));
    };
    askMirror("A", question, retry).subscribe({
      next: (value) => told.push(value),
      error: (error: unknown) => told.push(error, scheduler.now()),
    });
  })();
  return { askedAt, told };
}

describe("a mirror that is asked something", () => {
  it("is asked again after passing failures, as the retry policy waits", () => {
    expect(ask("CONNECTION_RESET", "PEER_UNAVAILABLE", "yes")).toEqual({ askedAt: [0, 1000, 3000], told: ["yes"] });
  });

  it("has failed with its last error when no retry is left", () => {
    const { askedAt, told } = ask("CONNECTION_RESET");
    expect(askedAt).toHaveLength(retry.maxChunkRetries + 1);
    expect(told[0]).toMatchObject({ code: "CONNECTION_RESET", message: "fails" });
  });

  it("is not asked again after a failure that stays", () => {
    const { askedAt, told } = ask("FILE_NOT_FOUND");
    expect(askedAt).toEqual([0]);
    expect(told).toMatchObject([{ code: "FILE_NOT_FOUND" }, 0]);
  });

  it("has as long as it wishes when it is busy, and that is no retry", () => {
    const busy = new DownloadError("PEER_BUSY", "later", { retryAfterMs: 7000 });
    expect(ask(busy, busy, busy, busy, busy, "RATE_LIMITED", "yes")).toMatchObject({
      askedAt: [0, 7000, 14_000, 21_000, 28_000, 35_000, 36_000],
      told: ["yes"],
    });
  });

  it("has 10 s to answer", () => {
    expect(ask("silent", "yes")).toEqual({ askedAt: [0, 11_000], told: ["yes"] });
    expect(ask("silent").told[0]).toMatchObject({ code: "TIMEOUT" });
  });

  it(
    "is left when whoever asks leaves",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const question = cold("-");
      expectObservable(
        askMirror("A", () => question, retry),
        "^--!",
      ).toBe("----");
      expectSubscriptions(question.subscriptions).toBe("^--!");
    }),
  );
});

describe("a sample", () => {
  const file = someBytes(20_000);

  it("is the same for the same bytes, however they come", () => {
    const prints: string[] = [];
    const ranges = [sampleAt(10, 100), sampleAt(5000)];
    for (const pieceBytes of [7, 100_000]) {
      sampled(scriptedPeer("A", file, { pieceBytes }), ranges, retry).subscribe((print) => prints.push(print));
    }
    const here = printOf([file.subarray(10, 110), file.subarray(5000, 9096)]);
    expect(prints).toEqual([here, here]);
    expect(here).toHaveLength(2 * (100 + 4096));
  });

  it("of nothing asks nothing", () => {
    const prints: string[] = [];
    const peer: Peer = { id: "A", ranges: true, request: () => expect.unreachable() };
    sampled(peer, [], retry).subscribe((print) => prints.push(print));
    expect(prints).toEqual([""]);
  });

  it(
    "fails with what the mirror says",
    marbles(({ expectObservable }) => {
      const error = new DownloadError("RESOURCE_CHANGED", "another file");
      const peer = scriptedPeer("A", file, { refuseWith: error });
      expectObservable(sampled(peer, [sampleAt(0)], retry)).toBe("#", undefined, error);
    }),
  );
});

describe("mirrors as peers", () => {
  it("are themselves while they serve ranges, and cut from the moment they do not", () => {
    const [a, b] = [scriptedMirror("a", someBytes(9), { ranges: false }), scriptedMirror("b", someBytes(9))];
    const mirrors = new Subject<readonly HttpPeer[]>();
    const lists: (readonly Peer[])[] = [];
    cutPeers(mirrors).subscribe((list) => lists.push(list));
    const all = [a.peer, b.peer];
    mirrors.next(all);
    a.peer.probe().subscribe();
    mirrors.next(all);
    mirrors.next(all);
    expect(lists[0]).toEqual(all);
    expect(lists[1]?.[0]).toBeInstanceOf(CutPeer);
    expect(lists[1]?.[0]).toMatchObject({ id: a.peer.id, ranges: false });
    expect(lists[1]?.[1]).toBe(b.peer);
    expect(lists[2]?.[0]).toBe(lists[1]?.[0]);
  });

  it("that are cut serve what lies in the middle", () => {
    const file = someBytes(900);
    const { peer } = scriptedMirror("a", file, { ranges: false });
    peer.probe().subscribe();
    let bytes: readonly Uint8Array[] = [];
    const range = { chunk: 1, offset: 0, length: 100, position: 300 };
    const cut = cutPeers(of([peer])).pipe(concatMap(([only]) => only?.request(range) ?? []));
    cut.pipe(toArray()).subscribe((all) => (bytes = all));
    expect(printOf(bytes)).toBe(printOf([file.subarray(300, 400)]));
  });
});
