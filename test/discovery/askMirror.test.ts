import { NEVER, of, throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { askMirror } from "../../src/discovery/askMirror.js";
import { printOf, sampleAt, sampled } from "../../src/discovery/samples.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import type { Peer } from "../../src/peers/Peer.js";
import { someBytes } from "../download/swarm.js";
import { marbles } from "../operators/marbles.js";
import { discoveryFor } from "./discoveryFor.js";

const { retry } = discoveryFor();

/** When each question was asked, and how it ended, of a mirror that answers so. */
function ask(...answers: readonly (DownloadErrorCode | DownloadError | "yes" | "silent")[]) {
  const [askedAt, told, again]: [number[], unknown[], string[]] = [[], [], []];
  const onAgain = ({ code }: DownloadError, waitMs: number): void => void again.push(`${code} ${waitMs}`);
  marbles(({ scheduler }) => {
    const question = () => {
      const answer = answers[Math.min(askedAt.length, answers.length - 1)] ?? "silent";
      askedAt.push(scheduler.now());
      if (answer === "silent") return NEVER;
      if (answer === "yes") return of(answer);
      return throwError(() => (typeof answer === "string" ? new DownloadError(answer, "fails") : answer));
    };
    askMirror({ id: "A" }, question, discoveryFor(), { onAgain }).subscribe({
      next: (value) => told.push(value),
      error: (error: unknown) => told.push(error, scheduler.now()),
    });
  })();
  return { askedAt, told, again };
}

describe("a mirror that is asked something", () => {
  it("A mirror that is asked something is asked again after passing failures, as the retry policy waits", () => {
    expect(ask("CONNECTION_RESET", "PEER_UNAVAILABLE", "yes")).toEqual({
      askedAt: [0, 1000, 3000],
      told: ["yes"],
      again: ["CONNECTION_RESET 1000", "PEER_UNAVAILABLE 2000"],
    });
  });

  it("A mirror has failed with its last error when no retry is left", () => {
    const { askedAt, told } = ask("CONNECTION_RESET");
    expect(askedAt).toHaveLength(retry.maxChunkRetries + 1);
    expect(told[0]).toMatchObject({ code: "CONNECTION_RESET", message: "fails" });
  });

  it("A mirror is not asked again after a failure that stays", () => {
    const { askedAt, told } = ask("FILE_NOT_FOUND");
    expect(askedAt).toEqual([0]);
    expect(told).toMatchObject([{ code: "FILE_NOT_FOUND" }, 0]);
  });

  it("A busy mirror has as long as it wishes, or where it names no time as its busy answers in a row ask for, and that is no retry", () => {
    const busy = new DownloadError("PEER_BUSY", "later", { retryAfterMs: 7000 });
    expect(ask(busy, busy, busy, busy, busy, "RATE_LIMITED", "yes")).toMatchObject({
      askedAt: [0, 7000, 14_000, 21_000, 28_000, 35_000, 43_000],
      told: ["yes"],
    });
  });

  it("A busy mirror is given up when it was busy for as long as a chunk may take, or wishes to be", () => {
    const busy = (retryAfterMs: number) => new DownloadError("PEER_BUSY", "later", { retryAfterMs });
    const { askedAt, told, again } = ask(busy(100_000));
    expect(askedAt).toEqual([0, 100_000, 200_000, 300_000]);
    expect(told).toMatchObject([{ code: "PEER_BUSY", message: "later" }, 300_000]);
    expect(again).toEqual(Array(3).fill("PEER_BUSY 100000"));
    expect(ask(busy(300_001))).toMatchObject({ askedAt: [0], told: [{ code: "PEER_BUSY" }, 0], again: [] });
  });

  it("A mirror has 10 s to answer, and twice as long each time after", () => {
    expect(ask("silent", "silent", "yes")).toMatchObject({ askedAt: [0, 11_000, 33_000], told: ["yes"] });
    const { askedAt, told } = ask("silent");
    expect(askedAt).toEqual([0, 11_000, 33_000, 77_000]);
    expect(told).toMatchObject([{ code: "TIMEOUT", message: "A has not answered in 60 s", peer: "A" }, 137_000]);
  });

  it(
    "A mirror is left when whoever asks it leaves",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const question = cold("-");
      expectObservable(
        askMirror({ id: "A" }, () => question, discoveryFor()),
        "^--!",
      ).toBe("----");
      expectSubscriptions(question.subscriptions).toBe("^--!");
    }),
  );
});

describe("a sample", () => {
  const file = someBytes(20_000);

  it("A sample is the same for the same bytes, however they come", () => {
    const prints: string[] = [];
    const ranges = [sampleAt(10, 100), sampleAt(5000)];
    for (const pieceBytes of [7, 100_000]) {
      sampled(scriptedPeer("A", file, { pieceBytes }), ranges, discoveryFor()).subscribe((print) => prints.push(print));
    }
    const here = printOf([file.subarray(10, 110), file.subarray(5000, 9096)]);
    expect(prints).toEqual([here, here]);
    expect(here).toHaveLength(2 * (100 + 4096));
  });

  it("A sample of nothing asks nothing", () => {
    const prints: string[] = [];
    const peer: Peer = { id: "A", ranges: true, request: () => expect.unreachable() };
    sampled(peer, [], discoveryFor()).subscribe((print) => prints.push(print));
    expect(prints).toEqual([""]);
  });

  it(
    "A sample fails with what the mirror says",
    marbles(({ expectObservable }) => {
      const error = new DownloadError("RESOURCE_CHANGED", "another file");
      const peer = scriptedPeer("A", file, { refuseWith: error });
      expectObservable(sampled(peer, [sampleAt(0)], discoveryFor())).toBe("#", undefined, error);
    }),
  );
});
