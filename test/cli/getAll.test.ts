import { concat, EMPTY, of, throwError } from "rxjs";
import { afterEach, expect, it, vi } from "vitest";
import { DownloadList } from "../../src/assembly/list/DownloadList.js";
import { getAll, withHint } from "../../src/cli/getAll.js";
import { emptyAccount } from "../../src/download/Account.js";
import { DownloadError } from "../../src/index.js";
import type { FileEvent } from "../../src/node.js";

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

/** What is said of a failed download of which so many bytes are done, some of them by an earlier run, and whose last record, if it wrote one, claims others. */
async function saidOf(
  done: number,
  saved?: number,
  resumed = 0,
  error = new DownloadError("LOCAL_IO", "the disk is full"),
): Promise<string> {
  const said: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  const { code, message } = error;
  const account = { ...emptyAccount, done, resumed };
  const events = concat(
    saved === undefined ? EMPTY : of<FileEvent>({ type: "checkpoint-saved", at: 0, done: saved }),
    of<FileEvent>({ type: "download-failed", at: 0, account, code, message, failedChunks: [], resumable: true }),
    throwError(() => error),
  );
  const list = new DownloadList([{ files: { name: "a", run: () => events } }], { concurrency: 1 });
  await getAll(list.events, { show: (all) => all, quiet: false });
  return said.join("");
}

it("What was verified is said to be kept only when the last record claims it", async () => {
  expect(await saidOf(100, 100)).toContain("what was verified is kept");
  expect(await saidOf(100, 40)).toContain("what was saved before is kept");
  expect(await saidOf(100, 0)).not.toContain("kept");
  expect(await saidOf(0, 0)).not.toContain("kept");
});

it("What is kept is told with all its names, and with the command to go on where that may help", async () => {
  expect(await saidOf(100, 100)).toMatch(
    /to begin anew, remove its \.part, \.part\.json and \.part\.hashes; to go on: /,
  );
  const said = await saidOf(100, 100, 0, new DownloadError("NOBODY_NAMED", "nobody is named"));
  expect(said).toMatch(/what was verified is kept; to begin anew, .*\.part\.hashes\n$/);
  expect(process.exitCode).toBe(2);
});

it("A run that failed before it wrote a record leaves what an earlier one had verified", async () => {
  expect(await saidOf(100, undefined, 100)).toContain("what was verified is kept; to begin anew");
  expect(await saidOf(100, undefined, 60)).toContain("what was saved before is kept");
  expect(await saidOf(0)).not.toContain("kept");
});

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

it("A file of several whose name is taken is told of `out=`, and called by its address until it has a name", async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  const files = { run: () => throwError(() => new DownloadError("TARGET_EXISTS", "x exists")) };
  const list = new DownloadList<FileEvent>(
    [
      { source: "http://a/x", files },
      { source: "http://b/x", files },
    ],
    { concurrency: 1 },
  );
  await getAll(list.events, { show: (all) => all, quiet: false });
  expect(said.join("")).toContain(
    "http://b/x: x exists; --overwrite replaces it if it was here before, out= in a list",
  );
  expect(said.join("")).not.toContain("-o ");
});
