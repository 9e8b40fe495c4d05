import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import type { PeerScript } from "../../src/adapters/memory/scriptedPeer.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { initialState } from "../../src/download/DownloadState.js";
import { reduce } from "../../src/download/reduce.js";
import type { Peer } from "../../src/peers/Peer.js";
import type { Told } from "./swarm.js";
import { manifestOf, play, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(3000);
const manifest = await manifestOf(file, 1000);
const two = await manifestOf(file.subarray(0, 2000), 1000);
const one = await manifestOf(file.subarray(0, 1000), 1000);
const lost = { refuseWith: "CONNECTION_LOST" } as const;
const late = { refuseWith: "TIMEOUT" } as const;

/** One chunk of one peer that follows the scripts. */
const alone = (scripts: readonly PeerScript[]): Told => play(() => [turns("A", file, scripts)], { manifest: one });

/** The same peer, but it has one chunk alone. */
const only = (chunk: number, peer: Peer): Peer => ({ ...peer, has: (index) => index === chunk });

const told = ({ events }: Told): readonly unknown[] =>
  events.filter(({ type }) => type === "recovering" || type === "recovered");

describe("a download that comes into trouble", () => {
  it("A download that comes into trouble says so once, and once when it is out of it", () => {
    expect(told(alone([late, lost, {}]))).toEqual([
      { type: "recovering", at: 0, chunk: 0, peer: "A", code: "TIMEOUT" },
      { type: "recovered", at: 3000, chunks: 1, retries: 2, switches: 0, replacements: 0, elapsedMs: 3000 },
    ]);
  });

  it("A download that comes into trouble says so again the next time, and counts anew", () => {
    const scheduler = new VirtualTimeScheduler();
    const a = only(0, turns("A", file, [late, lost, {}]));
    const b = only(1, turns("B", file, [{ ...lost, roundTripMs: 5000, scheduler }, {}]));
    expect(told(play(() => [a, b], { manifest: two, scheduler }))).toEqual([
      { type: "recovering", at: 0, chunk: 0, peer: "A", code: "TIMEOUT" },
      { type: "recovered", at: 3000, chunks: 1, retries: 2, switches: 0, replacements: 0, elapsedMs: 3000 },
      { type: "recovering", at: 5000, chunk: 1, peer: "B", code: "CONNECTION_LOST" },
      { type: "recovered", at: 6000, chunks: 1, retries: 1, switches: 0, replacements: 0, elapsedMs: 1000 },
    ]);
  });

  it("A download in trouble is out of it when the last of its chunks is", () => {
    const scheduler = new VirtualTimeScheduler();
    const a = scriptedPeer("A", file, { diesAfterBytes: 0, bytesPerSecond: 1000, scheduler });
    const b = scriptedPeer("B", file, { diesAfterBytes: 0, bytesPerSecond: 500, scheduler });
    const c = scriptedPeer("C", file, { bytesPerSecond: 500, scheduler });
    const run = play(() => [a, b, c], { manifest, scheduler });
    const [recovering, recovered, ...more] = told(run) as { readonly at: number }[];
    expect(recovering).toMatchObject({ type: "recovering", peer: "A", code: "CONNECTION_LOST" });
    const last = run.of("chunk-verified").at(-1);
    expect(recovered).toMatchObject({ type: "recovered", chunks: 2, at: last?.at });
    expect(recovered).toMatchObject({ elapsedMs: (last?.at ?? 0) - (recovering?.at ?? 0) });
    expect(run.of("recovered")[0]?.replacements).toBeGreaterThan(0);
    expect(more).toEqual([]);
    expect(run.of("download-completed")[0]?.account).toMatchObject({ troubledChunks: 2, recoveredChunks: 2 });
  });

  it("A download in trouble counts the peers that took over at once: one lacks the file", () => {
    const run = play(() => [scriptedPeer("A", file, { refuseWith: "FILE_NOT_FOUND" }), scriptedPeer("B", file)], {
      manifest,
      config: { retry: { maxConcurrentChunks: 1 } },
    });
    expect(told(run)).toMatchObject([
      { type: "recovering", code: "FILE_NOT_FOUND" },
      { type: "recovered", chunks: 1, retries: 0, switches: 0, replacements: 1, elapsedMs: 0 },
    ]);
  });

  it("A download in trouble stays in it while a chunk is given up, and is out when its next round brings it", () => {
    const scheduler = new VirtualTimeScheduler();
    const a = only(0, turns("A", file, [lost, lost, lost, lost, {}]));
    const b = only(1, scriptedPeer("B", file, { bytesPerSecond: 100, pieceBytes: 100, scheduler }));
    const run = play(() => [a, b], { manifest: two, scheduler });
    expect(run.of("chunk-failed")).toMatchObject([{ chunk: 0, at: 7000 }]);
    expect(told(run)).toMatchObject([
      { type: "recovering", at: 0 },
      { type: "recovered", at: 10_000, chunks: 1, retries: 3, elapsedMs: 10_000 },
    ]);
  });

  it("A download in trouble never says that it is out of it when it fails", () => {
    const run = alone([lost]);
    expect(told(run)).toMatchObject([{ type: "recovering", at: 0 }]);
    expect(run.of("download-failed")[0]?.account).toMatchObject({ troubledChunks: 1, recoveredChunks: 0 });
  });
});

describe("no trouble", () => {
  it("A busy peer is no trouble", () => {
    const run = alone([{ refuseWith: "PEER_BUSY" }, {}]);
    expect(run.completed).toBe(true);
    expect(told(run)).toEqual([]);
  });

  it("A request that breaks off after real progress is no trouble", async () => {
    const large = someBytes(40_000);
    const peer = turns("A", large, [{ failAfterBytes: 20_000, pieceBytes: 1000 }, {}]);
    const run = play(() => [peer], { manifest: await manifestOf(large, 40_000) });
    expect(run.of("download-completed")[0]?.account).toMatchObject({ continuations: 1, troubledChunks: 0 });
    expect(told(run)).toEqual([]);
  });
});

describe("the state", () => {
  it("The state knows which chunks are in trouble, since when and why, and forgets it when they are out", () => {
    const { events } = alone([late, lost, {}]);
    const states = events.map((_, n) => events.slice(0, n + 1).reduce(reduce, initialState));
    const during = states.find(({ at }) => at === 1000);
    expect(during?.recovering).toEqual({ since: 0, code: "TIMEOUT", chunks: [0] });
    expect(states.at(-1)?.recovering).toBeUndefined();
    expect(states.at(-1)?.recent.map(({ text }) => text)).toEqual([
      "Recovering: chunk 0 is fetched again, A failed (TIMEOUT)",
      "Retrying chunk 0 (attempt 1/3)",
      "Retrying chunk 0 (attempt 2/3)",
      "Recovered after 2 retries in 3.0 s: 1 chunk",
    ]);
  });

  it("The state counts each chunk once, and takes those out that are verified", () => {
    const failed: DownloadEvent = {
      ...{ type: "attempt-failed", at: 1, chunk: 1, attempt: 0, leg: 0, peer: "A" },
      ...{ code: "TIMEOUT", verdict: "retry", message: "", received: 0, continued: false },
    };
    const events: readonly DownloadEvent[] = [
      { type: "recovering", at: 1, chunk: 0, peer: "A", code: "TIMEOUT" },
      failed,
      failed,
      { ...failed, chunk: 2, continued: true, received: 9 },
      { ...failed, chunk: 3, code: "PEER_BUSY" },
      { type: "chunk-verified", at: 2, chunk: 0, bytes: 1, peers: {}, attempts: 2, elapsedMs: 1 },
    ];
    const state = events.reduce(reduce, initialState);
    expect(state.recovering).toEqual({ since: 1, code: "TIMEOUT", chunks: [1] });
  });
});
