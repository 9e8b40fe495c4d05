import { describe, expect, it } from "vitest";
import { codeOf } from "../../src/errors/codeOf.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { isTransientError } from "../../src/errors/isTransientError.js";
import { toDownloadError } from "../../src/errors/toDownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import { isDownloadErrorCode, verdicts } from "../../src/errors/verdicts.js";

/** Code, what follows, and what it means for the peer: written down once more, on purpose. */
const expected: readonly (readonly [DownloadErrorCode, string, string])[] = [
  ["TIMEOUT", "retry", "failure"],
  ["STALLED", "retry", "failure"],
  ["CONNECTION_LOST", "retry", "failure"],
  ["CONNECTION_REFUSED", "retry", "failure"],
  ["CONNECTION_RESET", "retry", "failure"],
  ["HOST_NOT_FOUND", "retry", "failure"],
  ["NETWORK_DOWN", "retry", "nobody"],
  ["PEER_UNAVAILABLE", "retry", "failure"],
  ["PEER_BUSY", "retry", "busy"],
  ["RATE_LIMITED", "retry", "busy"],
  ["UNKNOWN", "retry", "failure"],
  ["FILE_NOT_FOUND", "switch", "excluded"],
  ["CHUNK_NOT_AVAILABLE", "switch", "missing"],
  ["CHECKSUM_MISMATCH", "switch", "quarantined"],
  ["INVALID_CHUNK", "switch", "quarantined"],
  ["PROTOCOL_ERROR", "switch", "quarantined"],
  ["PEER_REJECTED", "switch", "excluded"],
  ["AUTH_FAILED", "switch", "excluded"],
  ["RESOURCE_CHANGED", "switch", "excluded"],
  ["LOCAL_IO", "fail", "nobody"],
  ["INVALID_INDEX", "fail", "nobody"],
  ["INVALID_MANIFEST", "fail", "nobody"],
  ["INVALID_CHECKPOINT", "fail", "nobody"],
  ["TARGET_EXISTS", "fail", "nobody"],
  ["LOCKED", "fail", "nobody"],
  ["ENDING", "fail", "nobody"],
  ["DIFFERENT_FILES", "fail", "nobody"],
  ["FILE_NOT_FOUND_ANYWHERE", "fail", "nobody"],
  ["RETRIES_EXHAUSTED", "fail", "nobody"],
  ["CHUNK_DEADLINE", "fail", "nobody"],
  ["RETRY_BUDGET_EXHAUSTED", "fail", "nobody"],
  ["NO_PEERS", "fail", "nobody"],
  ["NOBODY_NAMED", "fail", "nobody"],
];

describe("the verdict table", () => {
  it.each(expected)("%s: %s, and the peer's part in it is %s", (code, verdict, blame) => {
    expect(verdicts[code]).toEqual({ verdict, blame });
    expect(isTransientError(code)).toBe(verdict === "retry");
    expect(isTransientError(new DownloadError(code, "text"))).toBe(verdict === "retry");
  });

  it("The table of verdicts has no row beside these", () => {
    expect(Object.keys(verdicts).sort()).toEqual(expected.map(([code]) => code).sort());
  });

  it.each(["toString", "constructor", "", "timeout", 7, undefined, null])("The value %o is no code", (code) => {
    expect(isDownloadErrorCode(code)).toBe(false);
  });
});

describe("isTransientError", () => {
  it("An error that nobody knows is transient", () => {
    expect(isTransientError(new Error("what?"))).toBe(true);
    expect(isTransientError("what?")).toBe(true);
    expect(isTransientError(undefined)).toBe(true);
  });

  it("The code that a foreign error carries says whether it is transient", () => {
    expect(isTransientError(Object.assign(new Error("no"), { code: "AUTH_FAILED" }))).toBe(false);
    expect(isTransientError(Object.assign(new Error("slow"), { code: "TIMEOUT" }))).toBe(true);
  });
});

describe("codeOf", () => {
  it.each([
    [new DownloadError("STALLED", "silent"), "STALLED"],
    [Object.assign(new Error("late"), { code: "TIMEOUT" }), "TIMEOUT"],
    [Object.assign(new Error("no entry"), { code: "ENOENT" }), "UNKNOWN"],
    [undefined, "UNKNOWN"],
  ])("The code of a thrown %o is %s", (thrown, code) => {
    expect(codeOf(thrown)).toBe(code);
  });
});

describe("toDownloadError", () => {
  it("A DownloadError passes as it is, so that one incident stays one instance", () => {
    const error = new DownloadError("STALLED", "silent");
    expect(toDownloadError(error, { chunk: 4 })).toBe(error);
  });

  it("An error keeps code, message and cause of what was thrown, and adds what it speaks of", () => {
    const thrown = Object.assign(new Error("late"), { code: "TIMEOUT" });
    const error = toDownloadError(thrown, { chunk: 4, peer: "A" });
    expect(error).toMatchObject({ name: "DownloadError", code: "TIMEOUT", message: "late", chunk: 4, peer: "A" });
    expect(error.cause).toBe(thrown);
  });

  it.each([
    [Object.assign(new Error("no entry"), { code: "ENOENT" }), "no entry"],
    ["a string", "a string"],
    [undefined, "undefined"],
    [null, "null"],
    [{ message: "" }, "[object Object]"],
    [{ message: 7 }, "[object Object]"],
  ])("A thrown %o is UNKNOWN", (thrown, message) => {
    expect(toDownloadError(thrown)).toMatchObject({ code: "UNKNOWN", message });
  });

  it("An error has no cause where none was given", () => {
    expect("cause" in new DownloadError("TIMEOUT", "late")).toBe(false);
    expect(new DownloadError("PEER_BUSY", "later", { retryAfterMs: 5, attempt: 2 })).toMatchObject({
      retryAfterMs: 5,
      attempt: 2,
    });
  });
});
