import { expect, it } from "vitest";
import { withHint } from "../../src/cli/getInTurn.js";
import { DownloadError } from "../../src/index.js";

it.each([
  [
    "AUTH_FAILED",
    "a refused the handshake",
    "a refused the handshake; if it wants a token, give that with --token HOST=SECRET",
  ],
  ["TARGET_EXISTS", "x exists", "x exists; --overwrite replaces it, -o chooses another name"],
  ["RETRIES_EXHAUSTED", "nobody answers", "nobody answers"],
] as const)("The line of a %s says what helps against it, if anything does", (code, message, told) => {
  const error = withHint(new DownloadError(code, message));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(told);
});
