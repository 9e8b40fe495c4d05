import { describe, expect, it } from "vitest";
import { throwError } from "rxjs";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import type { Peer } from "../../src/peers/Peer.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, play, someBytes } from "./swarm.js";
import { chance } from "../chance.js";

/** A peer of which some requests fail. */
function unreliable(id: string, file: Uint8Array, fails: (chunk: number) => boolean, code: DownloadErrorCode): Peer {
  const good = scriptedPeer(id, file);
  return {
    ...good,
    request: (range) =>
      fails(range.chunk)
        ? throwError(() => new DownloadError(code, `${id} failed chunk ${range.chunk}`))
        : good.request(range),
  };
}

describe("a file of which one request in ten fails", () => {
  it.each([1, 2, 3])(
    "A file of which one request in ten fails is done, though chunks give up on the way (seed %i)",
    async (seed) => {
      const file = someBytes(4096 * 16);
      const manifest = await manifestOf(file, 16);
      const random = chance(seed);
      const peers = ["A", "B"].map((id) => unreliable(id, file, () => random() < 0.1, "PEER_UNAVAILABLE"));
      const told = play(() => peers, { manifest });
      expect(told.completed).toBe(true);
      expect(told.of("chunk-verified")).toHaveLength(4096);
      expect(told.of("download-completed")[0]?.account).toMatchObject({
        done: file.length,
        verified: file.length,
        failedChunks: 0,
      });
      expect(told.of("retry-scheduled").length).toBeGreaterThan(300);
      expect(sameBytes(told.bytes, file)).toBe(true);
    },
  );
});

describe("a chunk that gave up", () => {
  const file = someBytes(8000);
  const until = (times: number) => {
    let left = times;
    return (chunk: number) => chunk === 2 && left-- > 0;
  };

  it("A chunk that gave up gets a second round with fresh counts when the first verified anything", async () => {
    const manifest = await manifestOf(file, 1000);
    const told = play(() => [unreliable("A", file, until(6), "TIMEOUT")], { manifest });
    expect(told.completed).toBe(true);
    expect(told.of("chunk-failed")).toMatchObject([{ chunk: 2, code: "RETRIES_EXHAUSTED", attempts: 4 }]);
    expect(told.of("retry-scheduled").map(({ retry }) => retry)).toEqual([1, 2, 3, 1, 2]);
    expect(told.of("download-completed")[0]?.account).toMatchObject({
      retries: { TIMEOUT: 5 },
      recoveredChunks: 1,
      longestRecoveryMs: told.endedAt,
      failedChunks: 0,
    });
  });

  it("A chunk that gave up ends the download when a round verified nothing", async () => {
    const manifest = await manifestOf(file, 1000);
    const told = play(() => [unreliable("A", file, until(1000), "TIMEOUT")], { manifest });
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED", chunk: 2 });
    expect(told.of("chunk-failed")).toHaveLength(2);
    expect(told.of("download-failed")).toMatchObject([
      { failedChunks: [2], account: { done: 7000, verified: 7000, failedChunks: 1 } },
    ]);
  });

  it.each([
    ["lost", "CONNECTION_LOST", "RETRY_BUDGET_EXHAUSTED"],
    ["silent about its file", "FILE_NOT_FOUND", "CHUNK_NOT_AVAILABLE"],
  ] as const)(
    "A download whose last holder of chunks is %s says how many chunks nobody has who is there",
    async (_what, failWith, code) => {
      const manifest = await manifestOf(file, 1000);
      const holder = scriptedPeer("A", file, { diesAfterBytes: 1500, failWith });
      const partial = scriptedPeer("B", file, { has: (chunk) => chunk < 3 });
      const told = play(() => [holder, partial], { manifest });
      const { chunk, message } = told.error as DownloadError;
      const { done = 0 } = told.of("download-failed")[0]?.account ?? {};
      expect(told.error).toMatchObject({ code });
      expect(message).toMatch(
        new RegExp(
          `^chunk ${chunk} gave up .*; ${8 - done / 1000} of 8 chunks are lacking, which nobody has who is there; ${done / 1000}.00 kB of 8.00 kB are here$`,
        ),
      );
      expect(told.of("download-failed")).toMatchObject([{ code, message }]);
    },
  );

  it("The last one of a crowd, for whom nobody is left, says how many chunks are lacking, too", async () => {
    const manifest = await manifestOf(file, 1000);
    const told = play(() => [scriptedPeer("A", file, { diesAfterBytes: 1500 })], { manifest });
    const { message } = told.error as DownloadError;
    expect(message).toMatch(/; 7 of 8 chunks are lacking; 1\.00 kB of 8\.00 kB are here$/);
  });

  it("A download that lacks all of its file, and knows of nobody who is there, has nothing to add", async () => {
    const manifest = await manifestOf(file, 1000);
    const told = play(() => [scriptedPeer("A", file, { diesAfterBytes: 0 })], { manifest });
    expect((told.error as DownloadError).message).not.toContain("lacking");
  });

  it.each(["failFast", "strictPermanent"] as const)(
    "A chunk that gave up has one round only with %s",
    async (option) => {
      const manifest = await manifestOf(file, 1000);
      const told = play(() => [unreliable("A", file, until(6), "TIMEOUT")], { manifest, config: { [option]: true } });
      expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
      expect(told.of("chunk-failed")).toHaveLength(1);
    },
  );
});
