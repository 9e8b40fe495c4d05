import { expect, it } from "vitest";
import { ChunkMap, chunkStates } from "../../src/control/ChunkMap.js";
import type { DownloadEvent } from "../../src/index.js";

const manifest = { root: "", name: "a", size: 60, chunkSize: 10, chunkCount: 6, integrity: "chunks" } as const;
const leg = { attempt: 1, leg: 1, offset: 0 };
const done = { bytes: 10, attempts: 1, elapsedMs: 1 };
const at = 0;

const events: readonly DownloadEvent[] = [
  { type: "download-started", at, manifest, resumedChunks: 2, resumedBytes: 20, resumedRanges: [[0, 2]] },
  { type: "attempt-started", at, chunk: 2, peer: "a", ...leg },
  { type: "attempt-started", at, chunk: 3, peer: "b", ...leg },
  { type: "chunk-verified", at, chunk: 2, peers: { a: 4, b: 6 }, ...done },
  { type: "retry-scheduled", at, chunk: 3, retry: 1, maxRetries: 3, delayMs: 1000 },
  { type: "chunk-failed", at, chunk: 4, code: "TIMEOUT", attempts: 4 },
];

function folded(all: readonly DownloadEvent[], map = new ChunkMap()): ChunkMap {
  for (const event of all) map.fold(event);
  return map;
}

it("A chunk map tells the state of each chunk, and the peer that brought it the most or is asked for it", () => {
  const map = folded(events);
  const { missing, retrying, failed, found, done: came } = chunkStates;
  expect([...map.states]).toEqual([found, found, came, retrying, failed, missing]);
  expect([...map.bringers].map((number) => map.peers[number - 1])).toEqual([
    undefined,
    undefined,
    "b",
    "b",
    undefined,
    undefined,
  ]);
});

it("A chunk map goes on from what another one packed", () => {
  const [first, second] = [events.slice(0, 3), events.slice(3)];
  expect(folded(second, new ChunkMap(folded(first).pack())).pack()).toEqual(folded(events).pack());
});

it("A chunk map of a download that ends asks nobody any more, and of one that is complete misses nothing", () => {
  const account = {} as never;
  const paused = folded([...events, { type: "download-paused", at, account }]);
  expect(paused.states[3]).toBe(chunkStates.missing);
  const complete = folded([...events, { type: "download-completed", at, account }]);
  expect([...complete.states].every((state) => state === chunkStates.found || state === chunkStates.done)).toBe(true);
});

it("A chunk map has one number for all peers beyond those that a byte can name", () => {
  const asked = Array.from({ length: 300 }, (_, n): DownloadEvent => ({
    type: "attempt-started",
    at,
    chunk: 5,
    peer: `p${n}`,
    ...leg,
  }));
  const map = folded([...events.slice(0, 1), ...asked]);
  expect(map.peers).toHaveLength(254);
  expect(map.bringers[5]).toBe(255);
});
