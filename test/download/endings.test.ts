import { EMPTY, NEVER, of, throwError, VirtualTimeScheduler } from "rxjs";
import { concat, map, timer } from "rxjs";
import { describe, expect, it } from "vitest";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import type { PeerScript } from "../../src/adapters/memory/scriptedPeer.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { DownloadConfig } from "../../src/download/DownloadConfig.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Peer } from "../../src/peers/Peer.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import type { Told } from "./swarm.js";
import { manifestOf, openEnded, play, someBytes } from "./swarm.js";

const file = someBytes(10_000);
const manifest = await manifestOf(file, 1000);

/** Peers A, B, C ... with these scripts. */
function swarm(scripts: readonly PeerScript[], config: DownloadConfig = {}, open = false): Told {
  const scheduler = new VirtualTimeScheduler();
  const peers = scripts.map((script, i) => scriptedPeer("ABCDEFGH"[i] ?? "?", file, { ...script, scheduler }));
  return play(() => (open ? openEnded(peers) : peers), { manifest, config, scheduler });
}

const failedWith = (told: Told): unknown => {
  const [failed] = told.of("download-failed");
  expect(told.error).toBeInstanceOf(DownloadError);
  expect(told.error).toMatchObject({ code: failed?.code, message: failed?.message });
  return failed?.code;
};

describe("a swarm without life", () => {
  it.each([1, 2, 5])("A swarm of %i dead peers fails at 7 s, resumable", (count) => {
    const told = swarm(Array<PeerScript>(count).fill({ refuseWith: "CONNECTION_REFUSED" }));
    expect(failedWith(told)).toBe("RETRIES_EXHAUSTED");
    expect(told.endedAt).toBe(7000);
    expect(told.of("download-failed")).toMatchObject([{ resumable: true, failedChunks: [0] }]);
    expect(told.error).toMatchObject({ cause: { code: "CONNECTION_REFUSED" } });
  });

  it("A swarm that takes requests and says nothing is given up at 77 s: after 10 s, then 20 s of silence each", async () => {
    const small = await manifestOf(file.subarray(0, 1000), 1000);
    const told = play(() => [scriptedPeer("A", file, { hang: true })], { manifest: small });
    expect(failedWith(told)).toBe("RETRIES_EXHAUSTED");
    expect(told.error).toMatchObject({ cause: { code: "STALLED" } });
    expect(told.endedAt).toBe(10_000 + 1000 + 20_000 + 2000 + 20_000 + 4000 + 20_000);
  });

  it("A swarm that takes requests and says nothing is given up at 247 s without parallel retries", async () => {
    const small = await manifestOf(file.subarray(0, 1000), 1000);
    const config = { parallelRetries: false };
    const told = play(() => [scriptedPeer("A", file, { hang: true })], { manifest: small, config });
    expect(failedWith(told)).toBe("RETRIES_EXHAUSTED");
    expect(told.error).toMatchObject({ cause: { code: "TIMEOUT" } });
    expect(told.endedAt).toBe(247_000);
  });

  it("A download fails with NO_PEERS after 300 s without a peer", () => {
    const told = play(() => NEVER, { manifest });
    expect(failedWith(told)).toBe("NO_PEERS");
    expect(told.endedAt).toBe(300_000);
    expect(told.of("waiting")).toMatchObject([{ reason: "no-peers", at: 0 }]);
  });

  it("A download fails at once when nobody will ever come", () => {
    for (const peers of [of([]), EMPTY]) {
      const told = play(() => peers, { manifest });
      expect(failedWith(told)).toBe("NO_PEERS");
      expect(told.endedAt).toBe(0);
    }
  });

  it("A download fails with the error of its source of peers", () => {
    const told = play(() => throwError(() => new Error("tracker down")), { manifest });
    expect(failedWith(told)).toBe("UNKNOWN");
    expect(told.error).toMatchObject({ message: "tracker down" });
  });
});

describe("a swarm that all agrees", () => {
  it("A swarm that all agrees that the file is not there fails with FILE_NOT_FOUND_ANYWHERE at once", () => {
    const told = swarm([{ refuseWith: "FILE_NOT_FOUND" }, { refuseWith: "FILE_NOT_FOUND", roundTripMs: 5 }]);
    expect(failedWith(told)).toBe("FILE_NOT_FOUND_ANYWHERE");
    expect(told.endedAt).toBe(5);
    expect(told.of("retry-scheduled")).toEqual([]);
  });

  it("A swarm that all agrees that the file is not there waits 300 s for others when others may come", () => {
    const told = swarm([{ refuseWith: "FILE_NOT_FOUND" }], {}, true);
    expect(failedWith(told)).toBe("FILE_NOT_FOUND_ANYWHERE");
    expect(told.endedAt).toBe(300_000);
  });

  it("A swarm that all agrees that the token is wrong fails with AUTH_FAILED, and asks nobody twice", () => {
    const told = swarm([{ refuseWith: "AUTH_FAILED" }, { refuseWith: "AUTH_FAILED" }]);
    expect(failedWith(told)).toBe("AUTH_FAILED");
    expect(told.of("retry-scheduled")).toEqual([]);
    expect(
      told
        .of("attempt-started")
        .map(({ peer }) => peer)
        .sort(),
    ).toEqual(["A", "B"]);
    expect(told.of("peer-excluded")).toMatchObject([{ code: "AUTH_FAILED" }, { code: "AUTH_FAILED" }]);
  });

  it("A swarm that agrees on nothing but that it is over fails with NO_PEERS", () => {
    expect(failedWith(swarm([{ refuseWith: "AUTH_FAILED" }, { refuseWith: "FILE_NOT_FOUND" }]))).toBe("NO_PEERS");
  });

  it("A swarm with one good peer in it does not agree that the file is not there", () => {
    const told = swarm([
      { refuseWith: "AUTH_FAILED" },
      { refuseWith: "FILE_NOT_FOUND" },
      { refuseWith: "PEER_REJECTED" },
      {},
    ]);
    expect(told.completed).toBe(true);
    expect(told.of("retry-scheduled")).toEqual([]);
  });

  it("A swarm that lacks a chunk fails with that chunk's code, and the rest is kept", () => {
    const told = swarm([{ has: (chunk) => chunk !== 3 }]);
    expect(failedWith(told)).toBe("CHUNK_NOT_AVAILABLE");
    expect(told.of("download-failed")).toMatchObject([{ failedChunks: [3], account: { done: 9000, verified: 9000 } }]);
  });
});

describe("busy peers", () => {
  it("Busy peers for 3 s are waited for, and no retry is counted", () => {
    const scheduler = new VirtualTimeScheduler();
    const busy = new DownloadError("PEER_BUSY", "later", { retryAfterMs: 3000 });
    const peer = (id: string) => ({
      ...scriptedPeer(id, file),
      request: (range: Parameters<ReturnType<typeof scriptedPeer>["request"]>[0]) =>
        scheduler.now() < 3000 ? throwError(() => busy) : scriptedPeer(id, file).request(range),
    });
    const told = play(() => [peer("A"), peer("B")], { manifest, scheduler });
    expect(told.completed).toBe(true);
    expect(told.endedAt).toBe(3000);
    expect(told.of("retry-scheduled")).toEqual([]);
    expect(told.of("waiting")).toMatchObject([{ reason: "busy", untilMs: 3000 }]);
    expect(told.of("download-completed")[0]?.account).toMatchObject({
      waits: { busy: 1 },
      recoveredChunks: 0,
      retries: {},
    });
  });

  it("Busy peers that never become free end with the deadline", () => {
    const told = swarm([{ refuseWith: "PEER_BUSY" }]);
    expect(failedWith(told)).toBe("CHUNK_DEADLINE");
    expect(told.endedAt).toBe(300_000);
  });
});

describe("the own disk", () => {
  it("A disk of one's own that is full fails the download at once, resumable, and blames nobody", () => {
    const sink = memorySink();
    const full = new DownloadError("LOCAL_IO", "ENOSPC: no space left");
    const write = (offset: number, bytes: Uint8Array) =>
      offset >= 4000 ? throwError(() => full) : sink.write(offset, bytes);
    const told = play(() => [scriptedPeer("A", file), scriptedPeer("B", file)], { manifest, sink: { ...sink, write } });
    expect(told.error).toBe(full);
    expect(told.of("download-failed")).toMatchObject([
      { code: "LOCAL_IO", resumable: true, account: { done: 4000, verified: 4000 } },
    ]);
    expect(told.of("attempt-failed")).toEqual([]);
    expect(told.of("peer-blacklisted")).toEqual([]);
    expect(told.of("retry-scheduled")).toEqual([]);
  });

  it("A disk of one's own that cannot save says so, closes the file all the same, and fails", () => {
    const sink = memorySink();
    const broken = throwError(() => new DownloadError("LOCAL_IO", "EIO"));
    const told = play(() => [scriptedPeer("A", file)], { manifest, sink: { ...sink, sync: () => broken } });
    expect(failedWith(told)).toBe("LOCAL_IO");
    expect(told.of("notice")).toMatchObject([{ message: "The progress could not be saved: EIO" }]);
    let opened = false;
    sink.open(10_000).subscribe(() => (opened = true));
    expect(opened).toBe(true);
  });
});

describe("a swarm that is away for longer than a chunk's deadline", () => {
  it("A swarm that is away for longer than a chunk's deadline is waited for, and the download goes on when it is back", () => {
    const scheduler = new VirtualTimeScheduler();
    const slow = scriptedPeer("A", file, { bytesPerSecond: 100, scheduler });
    const at = (ms: number, ...peers: Peer[]) => timer(ms, scheduler).pipe(map(() => peers));
    const peers = concat(of([slow]), at(1000), at(290_000, scriptedPeer("B", file)), NEVER);
    const told = play(() => peers, { manifest, scheduler, config: { retry: { chunkDeadlineSecs: 30 } } });
    expect(told.completed).toBe(true);
    expect(told.of("chunk-failed")).toEqual([]);
  });
});

describe("limits", () => {
  it("The limit maxTotalRetries is a hard end over all chunks", () => {
    const told = swarm([{ failAfterBytes: 500 }], { retry: { maxTotalRetries: 5, maxChunkRetries: 1000 } });
    expect(failedWith(told)).toBe("RETRY_BUDGET_EXHAUSTED");
    expect(told.of("attempt-started").filter(({ attempt }) => attempt > 0)).toHaveLength(5);
  });

  it("The limit maxTotalRetries of 0 lets no retry be told, nor waited for", () => {
    const failing = { refuseWith: "TIMEOUT" } as const;
    const told = swarm([failing, failing], { retry: { maxTotalRetries: 0, maxConcurrentChunks: 1 } });
    expect(failedWith(told)).toBe("RETRY_BUDGET_EXHAUSTED");
    expect(told.of("retry-scheduled")).toEqual([]);
    expect(told.of("attempt-started")).toHaveLength(1);
    expect(told.endedAt).toBe(0);
  });

  it("The option failFast lets no other chunk begin in the place of the one that ends the download", () => {
    const failing = { refuseWith: "TIMEOUT" } as const;
    const told = swarm([failing, failing], {
      failFast: true,
      retry: { maxConcurrentChunks: 1, maxChunkRetries: 1, peerFailureThreshold: 1000 },
    });
    const types = told.events.map(({ type }) => type);
    expect(types.indexOf("chunk-failed")).toBeGreaterThan(0);
    expect(types.lastIndexOf("attempt-started")).toBeLessThan(types.indexOf("chunk-failed"));
  });

  it("The option failFast ends with the first chunk that gives up", () => {
    const told = swarm(
      [{ has: (chunk) => chunk > 0 }, { has: (chunk) => chunk === 0, refuseWith: "CONNECTION_LOST" }],
      {
        failFast: true,
      },
    );
    expect(failedWith(told)).toBe("RETRIES_EXHAUSTED");
    expect(told.of("chunk-failed")).toHaveLength(1);
  });

  it("The option strictPermanent ends with the first permanent error of anybody", () => {
    const told = swarm([{ refuseWith: "FILE_NOT_FOUND" }, {}], { strictPermanent: true });
    expect(failedWith(told)).toBe("FILE_NOT_FOUND");
    expect(told.endedAt).toBe(0);
  });
});

describe("a peer that joins in mid-download", () => {
  it("A peer that joins in mid-download gets work", () => {
    const scheduler = new VirtualTimeScheduler();
    const a = scriptedPeer("A", file, { bytesPerSecond: 1000, scheduler });
    const b = scriptedPeer("B", file, { bytesPerSecond: 1000, scheduler });
    const peers = concat(of([a]), timer(2000, scheduler).pipe(map(() => [a, b])), NEVER);
    const told = play(() => peers, { manifest, scheduler });
    expect(told.completed).toBe(true);
    expect(told.of("download-completed")[0]?.account.bytesByPeer["B"]).toBeGreaterThan(2000);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });
});
