import { expect, it } from "vitest";
import type { DownloadEvent } from "../../src/index.js";
import { chunkStory } from "../../web/src/detail/chunkStory.js";
import { checkedWords } from "../../web/src/detail/checkedWords.js";
import { chunkAtPixel, mapLayout } from "../../web/src/detail/mapLayout.js";
import { SpeedSeries } from "../../web/src/detail/SpeedSeries.js";
import { bytes, duration } from "../../web/src/parts/format.js";
import { shortWords } from "../../web/src/parts/shortWords.js";

it("A chunk map has the largest cells with which all chunks fit", () => {
  expect(mapLayout(100, 320, 260)).toEqual({ columns: 20, rows: 5, cell: 16, chunksPerCell: 1 });
  const many = mapLayout(32_768, 800, 260);
  expect(many.chunksPerCell).toBe(1);
  expect(many.cell * many.columns).toBeLessThanOrEqual(800);
  expect(many.cell * many.rows).toBeLessThanOrEqual(260);
});

it("Chunks that do not fit even as the smallest cells share one", () => {
  const layout = mapLayout(1_000_000, 800, 260);
  expect(layout.chunksPerCell).toBeGreaterThan(1);
  expect(layout.columns * layout.rows * layout.chunksPerCell).toBeGreaterThanOrEqual(1_000_000);
  expect(layout.cell * layout.rows).toBeLessThanOrEqual(260);
});

it("A map that has no width yet, or no chunks, has cells all the same", () => {
  expect(mapLayout(10, 1, 260).columns).toBe(1);
  expect(mapLayout(0, 100, 260).rows).toBe(1);
});

it("A place in the map is the chunk of its cell, or none", () => {
  const layout = mapLayout(30, 320, 260);
  expect(chunkAtPixel(layout, 30, 17, 17)).toBe(21);
  expect(chunkAtPixel(layout, 30, 319, 17)).toBe(undefined);
  expect(chunkAtPixel(layout, 30, -1, 0)).toBe(undefined);
  expect(chunkAtPixel(layout, 30, 321, 0)).toBe(undefined);
});

it("The story of a chunk has its requests and waits as stretches, and its switches as moments", () => {
  const leg = { chunk: 4, leg: 0 } as const;
  const events: readonly DownloadEvent[] = [
    { type: "attempt-started", at: 1000, ...leg, attempt: 0, peer: "A", offset: 0 },
    {
      ...{ type: "attempt-failed", at: 1500, ...leg, attempt: 0, peer: "A", code: "CONNECTION_LOST", verdict: "retry" },
      ...{ message: "it broke", received: 10, continued: false },
    },
    { type: "retry-scheduled", at: 1500, chunk: 4, retry: 1, maxRetries: 3, delayMs: 1000, peer: "A" },
    { type: "peer-switched", at: 2500, chunk: 4, from: "A", to: "B", reason: "CONNECTION_LOST" },
    { type: "attempt-started", at: 2500, ...leg, attempt: 1, peer: "B", offset: 10 },
    { type: "chunk-verified", at: 3000, chunk: 4, bytes: 100, peers: { B: 90 }, attempts: 2, elapsedMs: 2000 },
  ] as readonly DownloadEvent[];
  const { stretches, moments, from, to } = chunkStory(events, 9000);
  expect(stretches).toEqual([
    { kind: "leg", from: 1000, to: 1500, title: "A", end: "failed", words: "CONNECTION_LOST: it broke", attempt: 1 },
    { kind: "wait", from: 1500, to: 2500, title: "wait of 1000 ms", words: "retry 1 of 3" },
    { kind: "leg", from: 2500, to: 3000, title: "B", end: "verified", words: "whole", attempt: 2 },
  ]);
  expect(moments.map(({ at }) => at)).toEqual([2500, 3000]);
  expect([from, to]).toEqual([1000, 3000]);
});

it("A request that lasts reaches to now", () => {
  const events = [
    { type: "attempt-started", at: 1000, chunk: 0, leg: 0, attempt: 0, peer: "A", offset: 0 },
  ] as readonly DownloadEvent[];
  const { stretches, to } = chunkStory(events, 4000);
  expect(stretches[0]).not.toHaveProperty("to");
  expect(to).toBe(4000);
});

it("A plot of the speed keeps ten minutes, and one value a second", () => {
  const series = new SpeedSeries();
  expect([1, 1, 0.5, 1.9, 2].map((seconds) => series.take(seconds * 1000, seconds))).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
  expect(series.columns).toEqual([
    [1, 2],
    [1, 2],
  ]);
  series.take(700_000, 700);
  expect(series.columns).toEqual([[700], [700]]);
});

it("Bytes and durations are short", () => {
  expect([0, 999, 1000, 99_960, 123_456_789, 1.5e12].map((count) => bytes(count))).toEqual([
    ...["0\u00a0B", "999\u00a0B", "1.00\u00a0kB", "100\u00a0kB", "123\u00a0MB", "1.50\u00a0TB"],
  ]);
  expect([0.4, 59.6, 3599, 3600, 90_000].map((seconds) => duration(seconds))).toEqual([
    ...["0.4 s", "1 min 00 s", "59 min 59 s", "1 h 00 min", "25 h 00 min"],
  ]);
});

it("A digest is told by its first eight digits, and other words as they are", () => {
  const digest = "4f425910f370c27691db8ec70b6de991b77534c9748af46b401f20f33bd339eb";
  expect(shortWords(`chunk 3 has SHA-256 ${digest}, expected ${digest.toUpperCase()}`)).toBe(
    "chunk 3 has SHA-256 4f425910…, expected 4F425910…",
  );
  expect(shortWords("ws://127.0.0.1:42773 answered 404")).toBe("ws://127.0.0.1:42773 answered 404");
});

it.each([
  ["none", "no: no digest was known"],
  ["weak", "by a digest that can be forged"],
  ["file", "by the digest of the whole"],
  ["chunks", "by the digest of each chunk"],
] as const)("A file whose integrity is %s is verified %s", (integrity, words) => {
  expect(checkedWords({ integrity })).toBe(words);
});
