import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Account } from "../../src/download/Account.js";
import type { DownloadEvent, DownloadEventOf, ManifestCard } from "../../src/download/DownloadEvent.js";
import { initialState, percentHashed, percentOf, type DownloadState } from "../../src/download/DownloadState.js";
import { reduce } from "../../src/download/reduce.js";

const manifest: ManifestCard = {
  root: "ab".repeat(32),
  name: "film.mkv",
  size: 1000,
  chunkSize: 100,
  chunkCount: 10,
  integrity: "chunks",
};

const account: Account = {
  size: 1000,
  done: 1000,
  verified: 1000,
  received: 1040,
  resumed: 0,
  bytesByPeer: { a: 1040 },
  waste: { duplicate: 40 },
  retries: { TIMEOUT: 1 },
  waits: {},
  continuations: 0,
  switches: 1,
  troubledChunks: 1,
  hedges: {},
  recoveredChunks: 1,
  integrity: "chunks",
  checks: { chunks: "sha-256" },
  longestRecoveryMs: 1000,
  failedChunks: 0,
  resumes: 0,
  elapsedMs: 4000,
};

const started = (more: Partial<Extract<DownloadEvent, { type: "download-started" }>> = {}): DownloadEvent => ({
  type: "download-started",
  at: 0,
  manifest,
  resumedChunks: 0,
  resumedBytes: 0,
  ...more,
});

const attempt = (chunk: number, peer: string, more: { attempt?: number; leg?: number } = {}): DownloadEvent => ({
  type: "attempt-started",
  at: 1,
  chunk,
  attempt: 0,
  leg: 0,
  peer,
  offset: 0,
  ...more,
});

const failure = (
  chunk: number,
  peer: string,
  more: { continued?: boolean; received?: number; leg?: number } = {},
): DownloadEvent => ({
  type: "attempt-failed",
  at: 2,
  chunk,
  attempt: 0,
  leg: 0,
  peer,
  code: "TIMEOUT",
  verdict: "retry",
  message: "no answer within 60 s",
  received: 0,
  continued: false,
  ...more,
});

const verified = (chunk: number, peers: Record<string, number>, more: { resumed?: true } = {}): DownloadEvent => ({
  type: "chunk-verified",
  at: 3,
  chunk,
  bytes: 100,
  peers,
  attempts: 1,
  elapsedMs: 20,
  ...more,
});

const after = (...events: DownloadEvent[]): DownloadState => events.reduce(reduce, initialState);
const row = (state: DownloadState, id: string) => state.peers.find((peer) => peer.id === id);

describe("reduce", () => {
  it("reduce knows the file and what was already here from the start of a download", () => {
    const state = after(started({ at: 7, resumedChunks: 4, resumedBytes: 400 }));
    expect(state).toMatchObject({
      phase: "downloading",
      manifest,
      startedAt: 7,
      at: 7,
      done: 400,
      verified: 400,
      resumed: 400,
    });
    expect(state.chunks).toEqual({ total: 10, done: 4, active: 0, retrying: 0, failed: 0 });
  });

  it("reduce keeps the complete chunks as runs, those found on disk too, and takes out one that is asked for again", () => {
    const found = { resumedChunks: 4, resumedBytes: 400, resumedRanges: [[0, 2] as const, [6, 2] as const] };
    const state = after(started(found), verified(2, { a: 100 }), verified(5, { a: 100 }), verified(5, { a: 100 }));
    expect(state.complete).toEqual([
      [0, 3],
      [5, 8],
    ]);
    expect(reduce(state, attempt(6, "a")).complete).toEqual([
      [0, 3],
      [5, 6],
      [7, 8],
    ]);
    expect(reduce(state, { type: "download-completed", at: 9, account }).complete).toEqual([[0, 10]]);
  });

  it("reduce shows how fast each peer is until a progress says nothing of it", () => {
    const figures = { done: 0, verified: 0, received: 0, bytesPerSecond: 50, retries: 0 };
    const fast = after(started(), attempt(0, "a"), {
      ...{ type: "progress", at: 2, ...figures, bytesPerSecondByPeer: { a: 50 } },
    });
    expect(row(fast, "a")?.bytesPerSecond).toBe(50);
    expect(row(reduce(fast, { type: "progress", at: 3, ...figures }), "a")?.bytesPerSecond).toBe(50);
    const silent: DownloadEvent = { type: "progress", at: 3, ...figures, bytesPerSecondByPeer: {} };
    expect(row(reduce(fast, silent), "a")?.bytesPerSecond).toBe(0);
  });

  it("reduce shows the round trip and the failures in a row of a peer as they were told last, until the peer has served again", () => {
    const figures = { done: 0, verified: 0, received: 0, bytesPerSecond: 50, retries: 0 };
    const beat = (underWayByPeer: DownloadEventOf<"progress">["underWayByPeer"]): DownloadEvent => ({
      ...{ type: "progress", at: 2, ...figures, bytesPerSecondByPeer: {} },
      ...(underWayByPeer && { underWayByPeer }),
    });
    const told = after(
      started(),
      attempt(0, "a"),
      beat({ a: { roundTripMs: 20, failures: 1 } }),
      beat({}),
      beat(undefined),
    );
    expect(row(told, "a")).toMatchObject({ roundTripMs: 20, failures: 1 });
    const without = reduce(told, beat({ a: { failures: 2 } }));
    expect(row(without, "a")).toMatchObject({ roundTripMs: 20, failures: 2 });
    const out: DownloadEvent = { type: "peer-blacklisted", at: 3, peer: "a", code: "TIMEOUT", failures: 3, untilMs: 9 };
    const blacklisted = reduce(without, out);
    expect(row(blacklisted, "a")).toMatchObject({ roundTripMs: 20, failures: 3 });
    expect(row(reduce(blacklisted, { type: "peer-restored", at: 4, peer: "a" }), "a")?.failures).toBe(0);
  });

  it("reduce has the account as it was told last, and in the end that of the run", () => {
    const { bytesByPeer: _, ...accountSoFar } = { ...account, switches: 7 };
    const figures = { done: 0, verified: 0, received: 0, bytesPerSecond: 50, retries: 0 };
    const told = after(started(), { type: "progress", at: 2, ...figures, accountSoFar });
    expect(told.account).toEqual(accountSoFar);
    expect(reduce(told, { type: "progress", at: 3, ...figures }).account).toEqual(accountSoFar);
    expect(reduce(told, { type: "download-completed", at: 4, account }).account).toEqual(account);
    expect(reduce(told, started()).account).toBeUndefined();
  });

  it("reduce counts a chunk as active from its first leg to its verification", () => {
    const begun = after(started(), attempt(0, "a"), attempt(1, "b"));
    expect(begun.chunks).toMatchObject({ active: 2, done: 0 });
    expect(row(begun, "a")?.inFlight).toBe(1);
    const one = reduce(begun, verified(0, { a: 100 }));
    expect(one.chunks).toMatchObject({ active: 1, done: 1 });
    expect(row(one, "a")).toMatchObject({ inFlight: 0, ok: 1, bytes: 100 });
    expect(one.verified).toBe(100);
  });

  it("reduce counts both legs of a hedged chunk and ends both with it", () => {
    const two = after(started(), attempt(0, "a"), attempt(0, "b", { leg: 1 }));
    expect([row(two, "a")?.inFlight, row(two, "b")?.inFlight]).toEqual([1, 1]);
    expect(two.chunks.active).toBe(1);
    const done = reduce(two, verified(0, { b: 100 }));
    expect([row(done, "a")?.inFlight, row(done, "b")?.inFlight]).toEqual([0, 0]);
  });

  it("reduce takes the legs of an attempt as ended when the next attempt begins", () => {
    const state = after(started(), attempt(0, "a"), attempt(0, "b", { attempt: 1 }));
    expect([row(state, "a")?.inFlight, row(state, "b")?.inFlight]).toEqual([0, 1]);
  });

  it("reduce shows a chunk as retrying until its retry begins, and keeps the line", () => {
    const waits = after(started(), attempt(3, "a"), failure(3, "a"), {
      type: "retry-scheduled",
      at: 2,
      chunk: 3,
      retry: 1,
      maxRetries: 3,
      delayMs: 1000,
    });
    expect(waits.chunks).toMatchObject({ active: 0, retrying: 1 });
    expect(waits.recent).toEqual([{ at: 2, type: "retry-scheduled", text: "Retrying chunk 3 (attempt 1/3)" }]);
    expect(waits.retries).toBe(1);
    expect(row(waits, "a")?.failed).toBe(1);
    expect(reduce(waits, attempt(3, "a", { attempt: 1 })).chunks).toMatchObject({ active: 1, retrying: 0 });
  });

  it("reduce shows a retry of a chunk that it has not seen begin", () => {
    const state = after(started(), { type: "retry-scheduled", at: 2, chunk: 3, retry: 1, maxRetries: 3, delayMs: 0 });
    expect(state.chunks.retrying).toBe(1);
  });

  it("reduce does not blame a peer for a leg that goes on", () => {
    const state = after(started(), attempt(3, "a"), failure(3, "a", { continued: true, received: 10 }));
    expect(row(state, "a")).toMatchObject({ failed: 0, inFlight: 0 });
  });

  it("reduce counts a request that brought nothing against its peer, also where the chunk goes on without a retry", () => {
    const state = after(started(), attempt(3, "a"), failure(3, "a", { continued: true }));
    expect(row(state, "a")).toMatchObject({ failed: 1, inFlight: 0 });
  });

  it("reduce ignores the failure of a leg that it has not seen begin", () => {
    expect(after(started(), failure(3, "a")).chunks.active).toBe(0);
  });

  it("reduce counts a chunk that was given up until it is taken up again", () => {
    const parked = after(started(), attempt(3, "a"), {
      type: "chunk-failed",
      at: 4,
      chunk: 3,
      code: "RETRIES_EXHAUSTED",
      attempts: 4,
    });
    expect(parked.chunks).toMatchObject({ failed: 1, active: 0 });
    expect(parked.givenUp).toEqual([3]);
    expect(reduce(parked, attempt(3, "b")).chunks).toMatchObject({ failed: 0, active: 1 });
  });

  it("reduce keeps the last two lines of each type, so that no wave hides the others", () => {
    const retry = (n: number): DownloadEvent => ({
      type: "retry-scheduled",
      at: n,
      chunk: n,
      retry: 1,
      maxRetries: 3,
      delayMs: 0,
    });
    const notices = Array.from({ length: 9 }, (_, n): DownloadEvent => ({ type: "notice", at: n, message: `n${n}` }));
    const state = after(started(), retry(1), retry(2), retry(3), ...notices);
    expect(state.recent.map(({ text }) => text)).toEqual([
      "Retrying chunk 2 (attempt 1/3)",
      "Retrying chunk 3 (attempt 1/3)",
      "n7",
      "n8",
    ]);
  });

  it("reduce follows a peer through blacklist, probe and pardon", () => {
    const trouble = { at: 5, peer: "a", code: "TIMEOUT", failures: 3, untilMs: 300_005 } as const;
    const out = after(started(), { type: "peer-blacklisted", ...trouble });
    expect(row(out, "a")).toMatchObject({ state: "blacklisted", why: "TIMEOUT", untilMs: 300_005 });
    expect(row(reduce(out, attempt(1, "a")), "a")?.state).toBe("probing");
    expect(row(reduce(out, { type: "peer-blacklisted", ...trouble, probing: true }), "a")?.state).toBe("probing");
    const back = reduce(out, { type: "peer-restored", at: 6, peer: "a" });
    expect(row(back, "a")).toEqual({
      ...{ id: "a", state: "ready", inFlight: 0, ok: 0, failed: 0, failures: 0, bytes: 0, bytesPerSecond: 0 },
    });
  });

  it("reduce shows a busy peer as ready again when it is asked", () => {
    const busy = after(started(), { type: "peer-busy", at: 5, peer: "a", code: "PEER_BUSY", untilMs: 2005 });
    expect(row(busy, "a")?.state).toBe("busy");
    expect(row(reduce(busy, attempt(1, "a")), "a")?.state).toBe("ready");
  });

  it("reduce never lets a quarantined peer look better", () => {
    const out = after(started(), { type: "peer-quarantined", at: 5, peer: "a", code: "CHECKSUM_MISMATCH" });
    const later = [
      { type: "peer-busy", at: 6, peer: "a", code: "PEER_BUSY" },
      { type: "peer-left", at: 6, peer: "a" },
      { type: "peer-joined", at: 6, peer: "a", source: "link" },
    ] satisfies DownloadEvent[];
    expect(row(later.reduce(reduce, out), "a")).toMatchObject({ state: "quarantined", why: "CHECKSUM_MISMATCH" });
  });

  it("reduce shows an excluded peer with its reason", () => {
    const state = after(started(), { type: "peer-excluded", at: 5, peer: "a", code: "AUTH_FAILED" });
    expect(row(state, "a")).toMatchObject({ state: "excluded", why: "AUTH_FAILED" });
  });

  it("reduce keeps a bounded number of peers that have left, and takes one back that returns", () => {
    const come = (n: number): DownloadEvent => ({ type: "peer-joined", at: n, peer: `p${n}`, source: "link" });
    const go = (n: number): DownloadEvent => ({ type: "peer-left", at: n, peer: `p${n}` });
    const state = after(started(), ...Array.from({ length: 500 }, (_, n) => [come(n), go(n)]).flat());
    expect(state.peers).toHaveLength(64);
    expect(row(reduce(state, come(499)), "p499")?.state).toBe("ready");
  });

  it("reduce says what it waits for until something moves", () => {
    const waiting = after(started(), { type: "waiting", at: 5, reason: "busy", untilMs: 9 });
    expect(waiting).toMatchObject({ phase: "waiting", waiting: { reason: "busy", untilMs: 9 } });
    expect(after(started(), { type: "waiting", at: 5, reason: "no-peers" }).waiting).toEqual({ reason: "no-peers" });
    expect(reduce(waiting, attempt(1, "a"))).toMatchObject({ phase: "downloading", waiting: undefined });
  });

  it("reduce has a wait as on while a blacklisted peer is asked whether it is back, until that one brings bytes", () => {
    const beat = (at: number, bytesPerSecond: number): DownloadEvent => {
      const figures = { done: 0, verified: 0, received: 0, bytesPerSecond, retries: 0 };
      return { type: "progress", at, ...figures, bytesPerSecondByPeer: { a: bytesPerSecond } };
    };
    const lost = { peer: "a", code: "CONNECTION_REFUSED", failures: 3, untilMs: 9 } as const;
    const wait: DownloadEvent = { type: "waiting", reason: "no-peers", at: 5, untilMs: 99 };
    const joined: DownloadEvent = { type: "peer-joined", at: 1, peer: "a", source: "link" };
    const out: DownloadEvent = { type: "peer-blacklisted", at: 4, ...lost };
    const probed = after(started(), joined, beat(3, 900), out, wait, attempt(1, "a"));
    // Speeds are smooth: that of bytes before the wait fades during it.
    const faded = reduce(probed, beat(6, 700));
    for (const state of [probed, faded])
      expect(state).toMatchObject({ phase: "waiting", waiting: { reason: "no-peers", untilMs: 99 } });
    expect(reduce(faded, beat(7, 760))).toMatchObject({ phase: "downloading", waiting: undefined });
  });

  it("reduce tells the last failure and when it is tried again, before the file is known and after, until something comes", () => {
    const refused = { code: "CONNECTION_REFUSED", message: "a: the connection was refused" } as const;
    const asked = { question: "mirror", peer: "a", ...refused } as const;
    const question = after({ type: "question-failed", at: 1, untilMs: 1001, ...asked });
    expect(question.retrying).toEqual({ ...refused, untilMs: 1001 });
    expect(reduce(question, started()).retrying).toBeUndefined();
    const retry = (chunk: number, at: number, delayMs: number): DownloadEvent => ({
      ...{ type: "retry-scheduled", at, chunk, peer: "a", retry: 1, maxRetries: 3, delayMs },
    });
    const failed = after(started(), failure(1, "a"), retry(1, 5, 1000), failure(2, "a"), retry(2, 6, 4000));
    expect(failed.retrying).toEqual({ code: "TIMEOUT", message: "no answer within 60 s", untilMs: 1005 });
    expect(reduce(failed, retry(1, 1005, 2000)).retrying).toMatchObject({ untilMs: 3005 });
    expect(reduce(failed, failure(3, "a", { continued: true, received: 5 })).retrying).toBe(failed.retrying);
    expect(reduce(failed, verified(3, { b: 100 })).retrying).toBeUndefined();
  });

  it("reduce has a file that is hashed as checked, with how much of it, before its start and at its end, until something else is told", () => {
    const hashing = (hashed: number): DownloadEvent => ({ type: "hashing", at: 1, hashed, size: 1000 });
    expect(after(hashing(470))).toMatchObject({ phase: "checking", hashed: { bytes: 470, size: 1000 } });
    expect(percentHashed(after(hashing(479)))).toBe(47);
    expect(after(hashing(470), started())).toMatchObject({ phase: "downloading", hashed: undefined });
    const last = after(started(), hashing(470), { type: "checking", at: 2, hash: "sha-256" });
    expect(last).toMatchObject({ phase: "checking", hashed: undefined });
    expect(percentHashed(last)).toBeUndefined();
    expect(reduce(reduce(last, hashing(999)), { type: "download-completed", at: 3, account }).hashed).toBeUndefined();
  });

  it("reduce takes speed and time left from progress, and drops them at the end", () => {
    const progress: DownloadEvent = {
      type: "progress",
      at: 5,
      done: 300,
      verified: 300,
      received: 350,
      size: 1000,
      bytesPerSecond: 70,
      secondsLeft: 10,
      retries: 2,
    };
    const state = after(started(), progress);
    expect(state).toMatchObject({
      done: 300,
      verified: 300,
      received: 350,
      bytesPerSecond: 70,
      secondsLeft: 10,
      retries: 2,
    });
    const done = reduce(state, { type: "download-completed", at: 9, account });
    expect(done).toMatchObject({
      phase: "completed",
      done: 1000,
      verified: 1000,
      bytesPerSecond: 0,
      secondsLeft: undefined,
    });
    expect(done.chunks).toMatchObject({ done: 10, active: 0 });
    expect(done.outcome).toMatchObject({ type: "download-completed", account });
  });

  it("reduce ends with the pause or the failure, and begins again at a new start", () => {
    const half = { ...account, done: 500, verified: 500 };
    const paused = after(started(), attempt(0, "a"), { type: "download-paused", at: 9, account: half });
    expect(paused).toMatchObject({ phase: "paused", done: 500, verified: 500 });
    expect(row(paused, "a")?.inFlight).toBe(0);
    const failed = after(started(), {
      type: "download-failed",
      at: 9,
      account: half,
      code: "RETRIES_EXHAUSTED",
      message: "chunk 3 failed 4 times",
      failedChunks: [3],
      resumable: true,
    });
    expect(failed).toMatchObject({ phase: "failed", givenUp: [3], chunks: { failed: 1 } });
    const again = reduce(failed, started({ at: 20, resumedChunks: 5, resumedBytes: 500 }));
    expect(again).toMatchObject({ phase: "downloading", outcome: undefined, startedAt: 0 });
  });

  it("reduce counts chunks found on disk beside the running download as resumed", () => {
    const state = after(started(), verified(0, {}, { resumed: true }), verified(1, { a: 100 }));
    expect(state).toMatchObject({ done: 200, verified: 200, resumed: 100 });
  });

  it("reduce starts from nothing for another file", () => {
    const other = { ...manifest, root: "cd".repeat(32) };
    expect(after(started({ resumedBytes: 700 }), started({ manifest: other })).verified).toBe(0);
  });

  it("reduce keeps verified bytes from going backwards or past the size, and counts within bounds, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(anyEvent(), { maxLength: 60 }), (events) => {
        let state = after(started());
        for (const event of events) {
          const next = reduce(state, event);
          expect(next.verified).toBeGreaterThanOrEqual(state.verified);
          expect(next.verified).toBeLessThanOrEqual(next.done);
          expect(next.done).toBeGreaterThanOrEqual(state.done);
          expect(next.done).toBeLessThanOrEqual(manifest.size);
          expect(next.chunks.done).toBeLessThanOrEqual(manifest.chunkCount);
          expect(next.recent.length).toBeLessThanOrEqual(6);
          const legs = Object.values(next.open).reduce((sum, { legs }) => sum + legs.length, 0);
          expect(next.peers.reduce((sum, { inFlight }) => sum + inFlight, 0)).toBe(legs);
          state = next;
        }
      }),
    );
  });

  it("reduce leaves the state it was given as it was", () => {
    fc.assert(
      fc.property(fc.array(anyEvent(), { maxLength: 20 }), anyEvent(), (events, last) => {
        const state = after(started(), ...events);
        const before = structuredClone(state);
        reduce(state, last);
        expect(state).toEqual(before);
      }),
    );
  });
});

describe("percentOf", () => {
  it("percentOf says 100 only when all is verified", () => {
    expect(percentOf({ manifest, done: 999 })).toBe(99);
    expect(percentOf({ manifest, done: 1000 })).toBe(100);
    expect(percentOf({ manifest: { ...manifest, size: 0 }, done: 0 })).toBe(100);
    expect(percentOf(initialState)).toBeUndefined();
  });
});

function anyEvent(): fc.Arbitrary<DownloadEvent> {
  const at = fc.nat(1000);
  const chunk = fc.nat(9);
  const peer = fc.constantFrom("a", "b", "c", "__proto__");
  const bytes = fc.nat(2000);
  const short = fc.nat(3);
  const code = fc.constantFrom("TIMEOUT" as const, "PEER_BUSY" as const, "CHECKSUM_MISMATCH" as const);
  const anyAccount = bytes.map((n) => ({ ...account, done: n, verified: n, received: n }));
  const of = (type: DownloadEvent["type"], fields: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record({ type: fc.constant(type), at, ...fields }) as fc.Arbitrary<DownloadEvent>;
  return fc.oneof(
    of("download-started", { manifest: fc.constant(manifest), resumedChunks: fc.nat(20), resumedBytes: bytes }),
    of("peer-joined", { peer }),
    of("peer-left", { peer }),
    of("peer-restored", { peer }),
    of("peer-blacklisted", { peer, code, untilMs: bytes }),
    of("peer-quarantined", { peer, code }),
    of("peer-excluded", { peer, code }),
    of("peer-busy", { peer, code }),
    of("mirror-refused", { peer, code }),
    of("question-failed", { peer, code, untilMs: bytes }),
    of("attempt-started", { chunk, peer, attempt: short, leg: short, offset: fc.constant(0) }),
    of("attempt-failed", { chunk, peer, attempt: short, leg: short, code, continued: fc.boolean(), received: bytes }),
    of("retry-scheduled", { chunk, retry: short, maxRetries: short, delayMs: short }),
    of("chunk-verified", { chunk, bytes, peers: fc.dictionary(peer, bytes), attempts: short, elapsedMs: short }),
    of("chunk-failed", { chunk, code, attempts: short }),
    of("waiting", { reason: fc.constantFrom("busy", "no-peers") }),
    of("progress", { done: bytes, verified: bytes, received: bytes, bytesPerSecond: bytes, retries: short }),
    of("checkpoint-saved", { done: bytes }),
    of("download-completed", { account: anyAccount }),
    of("download-paused", { account: anyAccount }),
    of("download-failed", { account: anyAccount, code, failedChunks: fc.uniqueArray(chunk) }),
  );
}
