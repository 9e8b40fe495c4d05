import { expect, it } from "vitest";
import type { DownloadRow } from "../../src/page.js";
import { pick, titleOf } from "../../web/src/list/pick.js";
import { knownWords, stateSaid, stateWords, wrongWords } from "../../web/src/list/stateWords.js";
import { downloadsIn, downloadsOfFile } from "../../web/src/list/readAdded.js";

const row = (id: number, of: Partial<DownloadRow> = {}): DownloadRow => ({
  ...{ id, sources: [`https://a.example/f${id}`], dir: "/d", state: "running", priority: "normal", done: 0 },
  ...{ bytesPerSecond: 0, peers: 0, retries: 0, recovering: 0, addedAt: id },
  ...of,
});

it("A download without a name is called by the last part of its first address", () => {
  expect(titleOf(row(1, { sources: ["https://a.example/x/a%20film.mkv?token=1#part"] }))).toBe("a film.mkv");
  expect(titleOf(row(1, { sources: ["https://a.example/100%"] }))).toBe("100%");
  expect(titleOf(row(7, { sources: [] }))).toBe("Download 7");
  expect(titleOf(row(1, { name: "film.mkv" }))).toBe("film.mkv");
});

it("The list shows what has the states of its filter and the words in its name or an address", () => {
  const rows = [row(1), row(2, { state: "failed" }), row(3, { state: "completed", name: "Film.mkv" })];
  const ids = (filter: string, words: string): readonly number[] =>
    pick(rows, filter, words, "line").map(({ id }) => id);
  expect(ids("All", "")).toEqual([1, 2, 3]);
  expect(ids("Failed", "")).toEqual([2]);
  expect(ids("All", " film ")).toEqual([3]);
  expect(ids("All", "a.example/f2")).toEqual([2]);
  expect(ids("Done", "f1")).toEqual([]);
});

it("The list stands as the daemon has it, or by name, size, speed or age", () => {
  const rows = [
    row(1, { name: "b", size: 5, bytesPerSecond: 1 }),
    row(2, { name: "a", bytesPerSecond: 9 }),
    row(3, { name: "c", size: 7 }),
  ];
  const ids = (order: Parameters<typeof pick>[3]): readonly number[] =>
    pick(rows, "All", "", order).map(({ id }) => id);
  expect(ids("line")).toEqual([1, 2, 3]);
  expect(ids("name")).toEqual([2, 1, 3]);
  expect(ids("size")).toEqual([3, 1, 2]);
  expect(ids("rate")).toEqual([2, 1, 3]);
  expect(ids("added")).toEqual([3, 2, 1]);
});

it("A pasted text is one download a line, with its mirrors beside it, and may have remarks", () => {
  expect(downloadsIn("https://a/f  https://b/f\r\n\n# no\n  ws://c:1/ROOT\t\n")).toEqual([
    { sources: ["https://a/f", "https://b/f"] },
    { sources: ["ws://c:1/ROOT"] },
  ]);
});

it("A download that is tried again has its reason and when, one that failed has its reason", () => {
  const retrying = { code: "CONNECTION_REFUSED", message: "refused" };
  expect(wrongWords(row(1))).toBeUndefined();
  expect(stateWords(row(1, { phase: "waiting", waitingFor: "busy", retrying })).text).toBe("Retrying");
  expect(wrongWords(row(1, { retrying }))).toEqual({ code: "CONNECTION_REFUSED", text: "refused" });
  expect(wrongWords(row(1, { retrying: { ...retrying, at: 5 } }))?.text).toMatch(
    /^refused; it is tried again at .*:.*:/,
  );
  expect(wrongWords(row(1, { error: { code: "TIMEOUT", message: "no answer" } }))?.text).toBe("no answer");
});

it("A download that waits says for what", () => {
  const words = (waitingFor: string): string => stateWords(row(1, { phase: "waiting", waitingFor })).text;
  expect(words("lacking")).toBe("Waiting for chunks nobody has");
  expect(words("no-peers")).toBe("Waiting for a peer");
});

it("A download that is checked tells how much of it, and those who hear the page only that it is", () => {
  const checked = row(1, { phase: "checking", hashed: { bytes: 470, size: 1000 } });
  expect(stateWords(checked).text).toBe("Checking the whole · 47\u00a0%");
  expect(stateSaid(checked)).toBe("Checking the whole");
});

it("Of what is added the page says which was in the list already, and how that is", () => {
  const rows = [row(1, { state: "waiting" }), row(2, { name: "film.mkv" }), row(3)];
  expect(knownWords(rows, [])).toBeUndefined();
  expect(knownWords(rows, [1])).toBe("f1 is in the list already (in line).");
  expect(knownWords(rows, [2, 3])).toBe("film.mkv is in the list already (downloading), and so is another.");
  expect(knownWords(rows, [1, 2, 3])).toBe("f1 is in the list already (in line), and so are 2 others.");
});

it("A file that is dropped is a Metalink by its name or its first sign, and else a list", async () => {
  const metalink = "<?xml version='1.0'?><metalink/>";
  expect(await downloadsOfFile(new File([metalink], "f.meta4"))).toEqual([{ metalink }]);
  expect(await downloadsOfFile(new File([metalink], "f"))).toEqual([{ metalink }]);
  expect(await downloadsOfFile(new File(["https://a/f"], "list.txt"))).toEqual([
    { sources: ["https://a/f"], isForeign: true },
  ]);
});
