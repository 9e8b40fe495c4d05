import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import { verdicts } from "../../src/errors/verdicts.js";
import type { JudgedChunk, Judgement } from "../../src/transfer/judgeFailure.js";
import { judgeFailure } from "../../src/transfer/judgeFailure.js";

const kib = 1024;
const some = { gained: 16 * kib };
const little = { gained: 16 * kib - 1 };
const nothing = { gained: 0 };

interface Case {
  readonly leg?: { readonly gained: number };
  /** Beside the one that failed. */
  readonly others?: JudgedChunk["legs"];
  readonly isWhole?: boolean;
  /** Whether that is expected. @default false */
  readonly delivered?: boolean;
  readonly state?: JudgedChunk["state"];
  readonly parallel?: boolean;
  readonly strict?: boolean;
}

const judge = (
  code: DownloadErrorCode,
  { leg = nothing, others = [], isWhole = false, state = "asking", parallel = true, strict = false }: Case = {},
): Judgement =>
  judgeFailure(new DownloadError(code, "text"), {
    leg,
    chunk: { isWhole, legs: [leg, ...others], state },
    config: { continuationDelayMs: 1000, parallel, strict },
  });

/** What happened, and blame, verdict, progressed, notBeforeMs. */
type Row = readonly [string, DownloadErrorCode, Case, Judgement["blame"], Judgement["verdict"], boolean, number];

const rows: readonly Row[] = [
  ["A leg that broke in vain", "CONNECTION_LOST", {}, "failure", "retry", false, 0],
  ["A leg that fell silent in vain", "STALLED", {}, "failure", "retry", false, 0],
  ["A leg that brought too little", "CONNECTION_LOST", { leg: little }, "failure", "retry", false, 0],
  [
    "A leg that brought little, but the chunk's rest",
    "TIMEOUT",
    { leg: little, isWhole: true, delivered: true },
    "excused",
    "continue",
    true,
    0,
  ],
  [
    "A leg that brought nothing of a whole chunk",
    "TIMEOUT",
    { isWhole: true, delivered: true },
    "failure",
    "retry",
    false,
    0,
  ],
  ["A leg that broke after progress", "CONNECTION_LOST", { leg: some }, "excused", "continue", true, 0],
  [
    "A leg that broke after progress, once more",
    "CONNECTION_LOST",
    { leg: some, state: "continuing" },
    "excused",
    "continue",
    true,
    1000,
  ],
  [
    "A leg that broke after progress in the place of a dead one",
    "STALLED",
    { leg: some, state: "replacing" },
    "excused",
    "continue",
    true,
    0,
  ],
  [
    "A leg that broke in vain beside one that got further",
    "TIMEOUT",
    { others: [some] },
    "failure",
    "continue",
    false,
    0,
  ],
  [
    "A leg that broke after progress without parallel retries",
    "TIMEOUT",
    { leg: some, parallel: false },
    "failure",
    "retry",
    false,
    0,
  ],
  [
    "A leg that broke in vain while the chunk is continued",
    "UNKNOWN",
    { state: "continuing" },
    "failure",
    "retry",
    false,
    0,
  ],
  ["A busy peer", "PEER_BUSY", {}, "busy", "continue", false, 0],
  [
    "A peer that was too busy to go on",
    "RATE_LIMITED",
    { leg: some, state: "continuing" },
    "busy",
    "continue",
    true,
    1000,
  ],
  ["A peer that lacks the chunk", "CHUNK_NOT_AVAILABLE", {}, "missing", "continue", false, 0],
  ["A peer that lacks the file", "FILE_NOT_FOUND", {}, "excluded", "switch", false, 0],
  [
    "A peer that lacks the file, beside others",
    "FILE_NOT_FOUND",
    { others: [nothing] },
    "excluded",
    "continue",
    false,
    0,
  ],
  ["A peer that breaks the protocol", "PROTOCOL_ERROR", {}, "quarantined", "switch", false, 0],
  ["A peer that breaks the protocol after progress", "INVALID_CHUNK", { leg: some }, "quarantined", "switch", true, 0],
  [
    "A peer that breaks the protocol behind the chunk's last byte",
    "INVALID_CHUNK",
    { leg: some, isWhole: true },
    "quarantined",
    "switch",
    true,
    0,
  ],
  ["A leg without a network", "NETWORK_DOWN", {}, "nobody", "continue", false, 0],
  [
    "A leg that lost the network after progress",
    "NETWORK_DOWN",
    { leg: some, state: "continuing" },
    "nobody",
    "continue",
    true,
    0,
  ],
  ["A disk that is full", "LOCAL_IO", {}, "nobody", "fail", false, 0],
  ["A disk that is full beside another leg", "LOCAL_IO", { others: [some] }, "nobody", "fail", false, 0],
  ["A transient failure in strict mode", "TIMEOUT", { strict: true, parallel: false }, "failure", "retry", false, 0],
  [
    "A permanent failure in strict mode",
    "FILE_NOT_FOUND",
    { strict: true, parallel: false },
    "excluded",
    "fail",
    false,
    0,
  ],
  ["A busy peer in strict mode", "PEER_BUSY", { strict: true, parallel: false }, "busy", "continue", false, 0],
  [
    "A lacking chunk in strict mode",
    "CHUNK_NOT_AVAILABLE",
    { strict: true, parallel: false },
    "missing",
    "fail",
    false,
    0,
  ],
];

it("A failure while no connection to any peer holds and others may come uses no retry, and is no storm", () => {
  const config = { continuationDelayMs: 1000, parallel: true, strict: false };
  const judged = (isDeserted: boolean, code: DownloadErrorCode) =>
    judgeFailure(new DownloadError(code, "text"), {
      leg: nothing,
      chunk: { isWhole: false, legs: [nothing], state: "asking", ...(isDeserted && { desertedDelayMs: 8000 }) },
      config,
    });
  const waits = { verdict: "continue", notBeforeMs: 8000, blame: "failure" };
  expect(judged(true, "CONNECTION_REFUSED")).toMatchObject(waits);
  expect(judged(false, "CONNECTION_REFUSED")).toMatchObject({ verdict: "retry" });
  expect(judged(true, "FILE_NOT_FOUND")).toMatchObject({ verdict: "switch" });
});

describe("The judgement of a leg", () => {
  it.each(rows)("%s (%s, %j) is judged as a whole", (_, code, what, blame, verdict, progressed, notBeforeMs) => {
    const { delivered = false } = what;
    expect(judge(code, what)).toEqual({ code, blame, delivered, verdict, progressed, notBeforeMs });
  });

  it("A request for which this machine has no room is nobody's failure, and the chunk goes on", () => {
    const error = new DownloadError("LOCAL_IO", "no file descriptor is left", { peer: "A" });
    const chunk = { isWhole: false, legs: [nothing], state: "asking" } as const;
    const config = { continuationDelayMs: 1000, parallel: true, strict: true };
    expect(judgeFailure(error, { leg: nothing, chunk, config })).toMatchObject({
      blame: "nobody",
      verdict: "continue",
    });
  });

  it.each(Object.keys(verdicts) as DownloadErrorCode[])(
    "%s after nothing follows the table, or is nobody's failure",
    (code) => {
      const { verdict, blame } = verdicts[code];
      const isNobodys = code === "NETWORK_DOWN" || blame === "busy" || blame === "missing";
      expect(judge(code)).toMatchObject({ blame, verdict: isNobodys ? "continue" : verdict });
    },
  );
});
