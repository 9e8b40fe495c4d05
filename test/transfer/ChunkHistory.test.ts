import { EMPTY } from "rxjs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { exponentialBackoff } from "../../operators/backoff.js";
import { retryBudget } from "../../operators/retryBudget.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Peer } from "../../src/peers/Peer.js";
import { ChunkAssembly } from "../../src/transfer/ChunkAssembly.js";
import type { Leg } from "../../src/transfer/Leg.js";
import type { TransferConfig, TransferParts } from "../../src/transfer/TransferParts.js";
import { ChunkHistory } from "../../src/transfer/ChunkHistory.js";
import { Bench, peerNamed } from "../peers/bench.js";
import { assemblyParts } from "./assemblyParts.js";

const kib = 1024;
const [a, b, c] = [peerNamed("A"), peerNamed("B"), peerNamed("C")];
const lost = new DownloadError("CONNECTION_LOST", "lost");

const config: TransferConfig = {
  maxRetries: 3,
  samePeerRetries: 2,
  attemptTimeoutMs: 60_000,
  deadlineMs: 300_000,
  continuationDelayMs: 1000,
  parallel: true,
  strict: false,
};

/** The history of a chunk on a real pool with these peers. */
function tried(peers: readonly Peer[]) {
  const bench = new Bench();
  bench.start(peers);
  const { pool, scheduler } = bench;
  const assembly = new ChunkAssembly({ index: 0, offset: 0, length: 64 * kib }, assemblyParts());
  const budget = retryBudget({ scheduler });
  const told: (readonly [string, boolean])[] = [];
  const parts: TransferParts = {
    manifest: { name: "file", root: "0".repeat(64), size: 64 * kib, chunkSize: 64 * kib },
    pool,
    sink: memorySink(),
    sha256,
    scheduler,
    backoff: exponentialBackoff({ initialMs: 4000 }),
    allowance: Object.assign(budget, { tryReplace: () => budget.tryTake(), tryHedge: () => budget.tryTake(1, 10) }),
    meter: { received: () => undefined, wasted: () => undefined },
    untouchedAfter: () => 0,
    paused: EMPTY,
    emit: (event) => {
      if (event.type === "attempt-failed") told.push([event.peer, event.continued]);
    },
  };
  const history = new ChunkHistory(assembly, parts, config);
  const begin = (peer: Peer, attempt = 0) =>
    history.begin(peer, {
      attempt,
      retry: 0,
      deadlineAt: Infinity,
      scheduler,
      signal: new AbortController().signal,
      backup: () => undefined,
      emit: () => undefined,
    });
  const bring = (leg: Leg, bytes: number): void =>
    history.legs.took(leg, bytes, assembly.accept(leg.peer.id, assembly.frontier, new Uint8Array(bytes)));
  const die = (leg: Leg, error = lost) => {
    history.failed(leg, error);
    history.legs.ended(leg);
  };
  return { history, begin, bring, die, bench, assembly, budget, told };
}

const absent = new DownloadError("FILE_NOT_FOUND", "404");
const full = new DownloadError("LOCAL_IO", "disk full");
const offline = new DownloadError("NETWORK_DOWN", "no network");
const wrong = new DownloadError("CHECKSUM_MISMATCH", "wrong");

describe("The replacement of a leg that dies within an attempt", () => {
  it.each([
    ["costs nothing when the leg got the chunk further", 32 * kib, lost, 0],
    ["costs nothing when the network is gone", 0, offline, 0],
    ["costs as much as a retry when the leg brought nothing", 0, lost, 1],
  ])("%s", (_, bytes, error, cost) => {
    const { history, begin, bring, die, budget } = tried([a, b]);
    const leg = begin(a);
    if (bytes > 0) bring(leg, bytes);
    die(leg, error);
    const before = budget.tokens;
    expect(history.tryReplace()).toBe(true);
    expect(before - budget.tokens).toBe(cost);
  });

  it("A dead leg that is replaced within an attempt tells that the attempt goes on", () => {
    const { history, begin, die, told } = tried([a, b]);
    die(begin(a));
    expect(told).toEqual([]);
    history.tryReplace();
    expect(told).toEqual([["A", true]]);
  });

  it("Two legs that die of one event are told each, the second when it is known what follows", () => {
    const { history, begin, die, told } = tried([a, b]);
    const legs = [begin(a), begin(b)];
    for (const leg of legs) die(leg);
    expect(told).toEqual([["A", true]]);
    history.afterAttempt(history.worst);
    expect(told).toEqual([
      ["A", true],
      ["B", false],
    ]);
  });
});

describe("The error of an attempt whose legs all died", () => {
  it.each([
    ["is the one that ends all", [full, lost], [0, 0], full],
    ["is the one that costs a retry, before one that costs nothing", [lost, absent], [0, 0], lost],
    ["is the last when any leg got the chunk further", [lost, absent], [0, 32 * kib], absent],
    ["is the last of its kind", [absent, offline], [0, 0], offline],
  ])("%s", (_, errors, bytes, worst) => {
    const { history, begin, bring, die } = tried([a, b]);
    errors.forEach((error, at) => {
      const leg = begin(at === 0 ? a : b);
      if (bytes[at] !== 0) bring(leg, bytes[at] ?? 0);
      die(leg, error);
    });
    expect(history.worst).toBe(worst);
  });
});

describe("A chunk whose attempt failed", () => {
  it("A failed chunk is asked for again, with a retry, when nobody else is there", () => {
    const { history, begin, die } = tried([a]);
    die(begin(a));
    expect(history.afterAttempt(lost)).toEqual({ verdict: "retry", notBeforeMs: 0, progressed: false });
  });

  it("A failed chunk is continued at once after progress, and after the first backoff when that happens again", () => {
    const { history, begin, bring, die } = tried([a, b]);
    const waits = [0, 1].map((attempt) => {
      const leg = begin(a, attempt);
      bring(leg, 20 * kib);
      die(leg);
      return history.afterAttempt(lost);
    });
    expect(waits).toEqual([0, 1000].map((notBeforeMs) => ({ verdict: "continue", notBeforeMs, progressed: true })));
  });

  it("A chunk that failed without a network stands as before", () => {
    const { history, begin, bring, die } = tried([a, b]);
    const errors = [lost, offline, lost];
    const waits = errors.map((error, attempt) => {
      const leg = begin(a, attempt);
      if (error === lost) bring(leg, 20 * kib);
      die(leg, error);
      return history.afterAttempt(error).notBeforeMs;
    });
    expect(waits).toEqual([0, 0, 1000]);
  });

  it("A chunk whose time is over counts that as the failure of its last leg", () => {
    const { history, begin, told } = tried([a, b]);
    begin(a);
    begin(b);
    const late = Object.assign(new Error("late"), { code: "TIMEOUT" });
    expect(history.afterAttempt(late).verdict).toBe("retry");
    expect(told).toEqual([["B", false]]);
  });
});

describe("A leg that died when nobody had room", () => {
  const selection = { last: a, stay: false, avoid: new Set<Peer>(), never: new Set<Peer>() };

  it("A leg that died when nobody had room is replaced by another peer for as long as the retry would wait that it stands for, and no longer", () => {
    const { history, begin, die, bench, told } = tried([a, b]);
    die(begin(a));
    expect(history.afterAttempt(lost)).toEqual({ verdict: "continue" });
    expect(told).toEqual([["A", true]]);
    expect(history.select([a], selection)).toBeUndefined();
    bench.to(3999);
    expect(history.select([a], selection)).toBeUndefined();
    expect(history.select([a, b], selection)).toBe(b);
    bench.to(4000);
    expect(history.select([a], selection)).toBe(a);
  });

  it("A leg that died when nobody had room is replaced at once by its own peer while that brings other chunks, and waits as a retry when it brings none", () => {
    const { history, begin, die, bench } = tried([a]);
    const other = bench.lease("A", 1);
    other.received(1000);
    die(begin(a));
    expect(history.afterAttempt(lost)).toEqual({ verdict: "continue" });
    expect(history.select([a], selection)).toBe(a);
    die(begin(a, 1));
    expect(history.afterAttempt(lost).verdict).toBe("retry");
    other.delivered();
    die(begin(a, 2));
    expect(history.afterAttempt(lost).verdict).toBe("retry");
  });

  it("A leg whose peer answered with a failure waits as a retry, also while that peer brings other chunks", () => {
    const { history, begin, die, bench } = tried([a]);
    bench.lease("A", 1).received(1000);
    const unavailable = new DownloadError("PEER_UNAVAILABLE", "HTTP 500");
    die(begin(a), unavailable);
    expect(history.afterAttempt(unavailable).verdict).toBe("retry");
  });

  it("A leg that died when nobody had room is replaced only once, so that the replacement's failure costs a retry", () => {
    const { history, begin, die } = tried([a, b]);
    const verdicts = [a, b, a].map((peer, attempt) => {
      die(begin(peer, attempt));
      return history.afterAttempt(lost).verdict;
    });
    expect(verdicts).toEqual(["continue", "retry", "continue"]);
  });
});

describe("A chunk that turned out wrong", () => {
  const whole = (peers: readonly Peer[], brought: readonly Peer[]) => {
    const all = tried(peers);
    for (const [at, peer] of brought.entries()) {
      const leg = all.begin(peer, at);
      all.bring(leg, (64 * kib) / brought.length);
      all.history.legs.ended(leg);
    }
    all.history.mismatched(wrong);
    return all;
  };

  it("A wrong chunk is asked of another peer, when one brought it, which is in quarantine once that was told", () => {
    const { history, bench, assembly, told } = whole([a, b], [a]);
    expect(bench.pool.isQuarantined("A")).toBe(false);
    expect(history.afterAttempt(wrong)).toEqual({ verdict: "switch", notBeforeMs: 0, progressed: false });
    expect(bench.pool.isQuarantined("A")).toBe(true);
    expect(told).toEqual([["A", false]]);
    expect(assembly.frontier).toBe(0);
  });

  it("A wrong chunk makes suspects of the peers that brought it together, and puts none into quarantine", () => {
    const { history, bench } = whole([a, b, c], [a, b]);
    expect(history.afterAttempt(wrong).verdict).toBe("continue");
    expect([...history.suspects.peers]).toEqual(["A", "B"]);
    expect(["A", "B"].some((id) => bench.pool.isQuarantined(id))).toBe(false);
    expect([a, b, c].map((peer) => history.isToAvoid(peer))).toEqual([true, true, false]);
  });

  it("A wrong chunk makes nobody to be avoided when nobody else is there", () => {
    const { history } = whole([a, b], [a, b]);
    expect([a, b].map((peer) => history.isToAvoid(peer))).toEqual([false, false]);
  });

  it("A wrong chunk is asked of an only peer once more, and then ends that peer's part", () => {
    const { history, begin, bring, bench } = whole([a], [a]);
    expect(history.afterAttempt(wrong).verdict).toBe("continue");
    bring(begin(a, 1), 64 * kib);
    history.mismatched(wrong);
    expect(history.afterAttempt(wrong).verdict).toBe("switch");
    expect(bench.pool.isQuarantined("A")).toBe(true);
  });
});
