import { expect, it } from "vitest";
import { AttemptTimeoutError } from "../../operators/AttemptTimeoutError.js";
import { StalledError } from "../../operators/Deadline.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { DownloadError } from "../../src/errors/DownloadError.js";

const inJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it("A DownloadError in JSON has its message, and its cause in words", () => {
  const cause = new DownloadError("TIMEOUT", "no end after 9 ms", { cause: new TypeError("fetch failed") });
  expect(inJson(new DownloadError("RETRIES_EXHAUSTED", "gave up", { chunk: 2, peer: "http://a", cause }))).toEqual({
    name: "DownloadError",
    code: "RETRIES_EXHAUSTED",
    message: "gave up",
    chunk: 2,
    peer: "http://a",
    cause: { name: "DownloadError", code: "TIMEOUT", message: "no end after 9 ms", cause: "TypeError: fetch failed" },
  });
});

it("The message of a DownloadError is one line of bounded length that no terminal obeys, whoever chose its words", () => {
  const { message } = new DownloadError(
    "INVALID_MANIFEST",
    `its root element is \u001b[2J\u009b\n${"x".repeat(2 ** 22)}`,
  );
  expect(message).toMatch(/^its root element is {2}\[2J {2}x+…x+$/);
  expect(message).toHaveLength(4096);
});

it("The end of all attempts says what the last one failed with, whatever was thrown", () => {
  const words = (cause: unknown): string => new RetryGaveUpError("permanent", 1, cause).message;
  expect(words(new Error("HTTP 404"))).toBe("gave up after 1 attempt: permanent (the last error: HTTP 404)");
  expect(words("no")).toBe("gave up after 1 attempt: permanent (the last error: no)");
  expect(words(undefined)).toBe("gave up after 1 attempt: permanent");
  expect(words({ status: 404 })).toBe("gave up after 1 attempt: permanent");
});

it("Errors of the operators in JSON have their messages", () => {
  const error = new Error("down");
  expect(inJson(new RetryGaveUpError("exhausted", 4, error, [{ peer: "a", error }]))).toEqual({
    name: "RetryGaveUpError",
    code: "RETRY_GAVE_UP",
    reason: "exhausted",
    message: "gave up after 4 attempts: exhausted (the last error: down)",
    attempts: 4,
    cause: "Error: down",
    errors: [{ peer: "a", error: "Error: down" }],
  });
  expect(inJson(new AttemptTimeoutError(9))).toMatchObject({ message: "no end after 9 ms", code: "TIMEOUT" });
  expect(inJson(new StalledError("idle", 9))).toMatchObject({ message: "silent for 9 ms", limitMs: 9 });
});
