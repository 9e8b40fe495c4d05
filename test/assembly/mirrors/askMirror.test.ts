import { concat, defer, NEVER, type Observable, of, throwError, timer, ignoreElements } from "rxjs";
import { describe, expect, it } from "vitest";
import { askMirror } from "../../../src/assembly/mirrors/askMirror.js";
import { sampled } from "../../../src/assembly/mirrors/sampled.js";
import { sampleAt } from "../../../src/assembly/mirrors/sampleRanges.js";
import { resolveRetryConfig } from "../../../src/download/RetryConfig.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../../src/errors/verdicts.js";
import { scriptedPeer } from "../../../src/adapters/memory/scriptedPeer.js";
import { marbles } from "../../operators/marbles.js";

const retry = resolveRetryConfig({ initialBackoffMs: 10, maxBackoffMs: 80 });

/** A question that is answered with one of these each time, the last for ever. */
function answering(...answers: Observable<string>[]) {
  const question = Object.assign(
    () =>
      defer(() => {
        const answer = answers[Math.min(question.asked, answers.length - 1)] ?? NEVER;
        question.asked++;
        return answer;
      }),
    { asked: 0 },
  );
  return question;
}

const failing = (code: DownloadErrorCode, retryAfterMs?: number) =>
  throwError(() => new DownloadError(code, "as told", retryAfterMs === undefined ? {} : { retryAfterMs }));
const failure = (code: DownloadErrorCode): unknown => expect.objectContaining({ code, message: "as told" });

describe("askMirror", () => {
  it(
    "asks again after passing errors, as the retry policy says, then ends with the last of them",
    marbles(({ expectObservable, flush }) => {
      const passing = answering(failing("CONNECTION_LOST"), failing("PEER_UNAVAILABLE"), of("a"));
      expectObservable(askMirror("M", passing, retry)).toBe("30ms (a|)");
      const lasting = answering(
        failing("TIMEOUT"),
        failing("TIMEOUT"),
        failing("TIMEOUT"),
        failing("CONNECTION_RESET"),
      );
      expectObservable(askMirror("M", lasting, retry)).toBe("70ms #", {}, failure("CONNECTION_RESET"));
      flush();
      expect([passing.asked, lasting.asked]).toEqual([3, 4]);
    }),
  );

  it.each(["FILE_NOT_FOUND", "AUTH_FAILED", "RESOURCE_CHANGED", "LOCAL_IO"] as const)("asks once after %s", (code) => {
    marbles(({ expectObservable, flush }) => {
      const question = answering(failing(code), of("a"));
      expectObservable(askMirror("M", question, retry)).toBe("#", {}, failure(code));
      flush();
      expect(question.asked).toBe(1);
    })();
  });

  it(
    "leaves a busy mirror alone for as long as it wishes, and counts no retry",
    marbles(({ expectObservable, flush }) => {
      const busy = Array.from({ length: 9 }, () => failing("PEER_BUSY", 1000));
      const question = answering(...busy, failing("RATE_LIMITED"), of("a"));
      expectObservable(askMirror("M", question, retry)).toBe("9010ms (a|)");
      flush();
      expect(question.asked).toBe(11);
    }),
  );

  it(
    "waits for a busy mirror until the deadline of a chunk, and says what it said",
    marbles(({ expectObservable }) => {
      const question = answering(failing("PEER_BUSY", 40_000));
      const deadlineMs = 100_000;
      expectObservable(askMirror("M", question, retry, { deadlineMs })).toBe("80s #", {}, failure("PEER_BUSY"));
    }),
  );

  it(
    "waits ten seconds for an answer, or as long as a chunk's attempt may take",
    marbles(({ expectObservable }) => {
      const once = resolveRetryConfig({ maxChunkRetries: 0 });
      const late = expect.objectContaining({ code: "TIMEOUT" }) as unknown;
      expectObservable(askMirror("M", answering(NEVER), once)).toBe("10s #", {}, late);
      const hasty = resolveRetryConfig({ maxChunkRetries: 0, chunkTimeoutSecs: 3 });
      expectObservable(askMirror("M", answering(NEVER), hasty)).toBe("3s #", {}, late);
      const patient = concat(timer(20_000).pipe(ignoreElements()), of("a"));
      expectObservable(askMirror("M", answering(patient), once, { limitMs: 30_000 })).toBe("20s (a|)");
    }),
  );

  it(
    "leaves the mirror when it is unsubscribed",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold("");
      expectObservable(
        askMirror("M", () => answer, retry),
        "^ 4ms !",
      ).toBe("");
      expectSubscriptions(answer.subscriptions).toBe("^ 4ms !");
    }),
  );
});

describe("a sample of a mirror", () => {
  const file = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff);
  const ranges = [sampleAt(0, 2), sampleAt(9000, 3)];

  it(
    "is what is at the places, in their order, whatever comes first",
    marbles(({ expectObservable }) => {
      const peer = scriptedPeer("M", file, { pieceBytes: 1 });
      const late = {
        ...peer,
        request: (range: (typeof ranges)[0]) =>
          concat(timer(range.position === 0 ? 9 : 1).pipe(ignoreElements()), peer.request(range)),
      };
      expectObservable(sampled(late, ranges, retry)).toBe("9ms (s|)", { s: "0001" + "28292a" });
    }),
  );

  it(
    "errors when one of the places cannot be read",
    marbles(({ expectObservable }) => {
      const peer = scriptedPeer("M", file, { refuseWith: new DownloadError("AUTH_FAILED", "as told") });
      expectObservable(sampled(peer, ranges, retry)).toBe("#", {}, failure("AUTH_FAILED"));
    }),
  );

  it(
    "of no places needs no mirror",
    marbles(({ expectObservable }) => {
      expectObservable(sampled(scriptedPeer("M", file, { hang: true }), [], retry)).toBe("(s|)", { s: "" });
    }),
  );
});
