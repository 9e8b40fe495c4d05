import fc from "fast-check";
import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { verdicts } from "../../src/errors/verdicts.js";
import { checkLimit } from "../../src/protocol/checkLimit.js";
import { hasBit, packBits } from "../../src/protocol/chunkBits.js";
import { hasFeature } from "../../src/protocol/features.js";
import { MessageRate } from "../../src/protocol/MessageRate.js";
import { fromErrorMessage, toErrorMessage } from "../../src/protocol/peerErrors.js";
import { reasonOf } from "../../src/protocol/reasonOf.js";

describe("a hello", () => {
  it("A hello without features names none, and one with them those alone", () => {
    expect(hasFeature({}, "peers")).toBe(false);
    expect(hasFeature({ features: ["of-tomorrow", "rtc"] }, "peers")).toBe(false);
    expect(hasFeature({ features: ["of-tomorrow", "rtc"] }, "rtc")).toBe(true);
  });
});

describe("an error from a peer", () => {
  const heard = (code: string, retryAfterMs?: number) =>
    fromErrorMessage({ type: "error", code, message: "why", retryAfterMs }, "ws://a:1", 5000);

  it.each([
    "PEER_BUSY",
    "RATE_LIMITED",
    "PEER_UNAVAILABLE",
    "FILE_NOT_FOUND",
    "CHUNK_NOT_AVAILABLE",
    "PEER_REJECTED",
    "AUTH_FAILED",
    "INVALID_CHUNK",
    "PROTOCOL_ERROR",
    "RESOURCE_CHANGED",
  ])("An error from a peer may be %s", (code) => expect(heard(code)).toMatchObject({ code, peer: "ws://a:1" }));

  it("An error from a peer never fails the download, whatever its code", () => {
    for (const code of [...Object.keys(verdicts), "toString", ""]) {
      expect(verdicts[heard(code).code].verdict).not.toBe("fail");
    }
    expect(heard("LOCAL_IO").code).toBe("UNKNOWN");
    expect(heard("SOMETHING_NEW").message).toBe("ws://a:1 answered SOMETHING_NEW: why");
  });

  it("An error from a peer has its wait clamped", () => {
    expect(heard("PEER_BUSY", 100).retryAfterMs).toBe(100);
    expect(heard("PEER_BUSY", 1e12).retryAfterMs).toBe(5000);
    expect(heard("PEER_BUSY").retryAfterMs).toBeUndefined();
  });

  it("An error from a peer is cut, and has nothing that a terminal would obey", () => {
    const { message } = fromErrorMessage(
      { type: "error", code: `\u001b[2J${"C".repeat(100)}`, message: `a\r\n\u202eb${"c".repeat(500)}` },
      "ws://a:1",
      5000,
    );
    expect(message).toBe(`ws://a:1 answered  [2J${"C".repeat(60)}: a  b${"c".repeat(195)}`);
  });
});

it("An error to a peer tells nothing of our own troubles", () => {
  expect(toErrorMessage(new DownloadError("LOCAL_IO", "/home/me"), 3)).toEqual({
    type: "error",
    id: 3,
    code: "PEER_UNAVAILABLE",
    message: "the file cannot be read now",
  });
  expect(toErrorMessage(new DownloadError("PEER_BUSY", "later", { retryAfterMs: 5 }))).toEqual({
    type: "error",
    code: "PEER_BUSY",
    message: "later",
    retryAfterMs: 5,
  });
});

it("Chunk bits come back as they were", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (chunks) => {
      const bits = packBits(chunks.length, (chunk) => chunks[chunk] === true);
      expect(bits.length).toBe(Math.ceil(chunks.length / 8));
      expect(chunks.map((_, chunk) => hasBit(bits, chunk))).toEqual(chunks);
      expect(hasBit(bits, chunks.length + 8)).toBe(false);
    }),
  );
});

describe("a message rate", () => {
  /** Sends so many messages at each time, ms; answers how many were too many. */
  const tooMany = (perSecond: number, bursts: readonly (readonly [at: number, count: number])[]) => {
    const scheduler = new VirtualTimeScheduler();
    const rate = new MessageRate(perSecond, scheduler);
    const found: number[] = [];
    for (const [at, count] of bursts) {
      scheduler.schedule(() => {
        found.push(Array.from({ length: count }, () => rate.exceeded()).filter((exceeded) => exceeded).length);
      }, at);
    }
    scheduler.flush();
    return found;
  };

  it("A message rate lets so many through in a second, and as many in the next", () => {
    expect(tooMany(3, [[0, 3], [1000, 3], [1999, 1], [2000, 3]])).toEqual([0, 0, 1, 0]); // prettier-ignore
  });

  it("A message rate lets no more through around the end of a second", () => {
    expect(tooMany(3, [[999, 3], [1000, 3]])).toEqual([0, 3]); // prettier-ignore
    expect(tooMany(3, [[10, 1], [1009, 2], [1010, 2], [2009, 2]])).toEqual([0, 0, 1, 0]); // prettier-ignore
  });

  it("A message rate never lets more than so many through in any second", () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 4 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(gaps, (steps) => {
        let at = 0;
        const bursts = steps.map(([gap, count]) => [(at += gap), count] as const);
        const passed = tooMany(5, bursts).map(
          (many, n) => [bursts[n]?.[0] ?? 0, (bursts[n]?.[1] ?? 0) - many] as const,
        );
        for (const [end] of passed) {
          const within = passed.filter(([time]) => time <= end && time > end - 1000);
          expect(within.reduce((sum, [, count]) => sum + count, 0)).toBeLessThanOrEqual(5);
        }
      }),
    );
  });

  it("A message rate stands still while the clock is set back", () => {
    const scheduler = new VirtualTimeScheduler();
    const rate = new MessageRate(2, scheduler);
    const exceededAt = (frame: number) => {
      scheduler.frame = frame;
      return rate.exceeded();
    };
    expect([5000, 4000, 4000, 5999, 6000].map(exceededAt)).toEqual([false, false, true, true, false]);
  });
});

it("A reason is a message, or whatever was thrown", () => {
  expect([reasonOf(new Error("why")), reasonOf("because")]).toEqual(["why", "because"]);
});

it("A limit is checked by name", () => {
  expect(checkLimit("maxX", undefined, 5)).toBe(5);
  expect(checkLimit("maxX", 0, 5, 0)).toBe(0);
  expect(() => checkLimit("maxX", 1.5, 5)).toThrow("maxX is 1.5, expected a whole number of at least 1");
});
