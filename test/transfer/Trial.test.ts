import { EMPTY } from "rxjs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { exponentialBackoff } from "../../operators/backoff.js";
import { retryBudget } from "../../operators/retryBudget.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Peer } from "../../src/peers/Peer.js";
import { ChunkAssembly } from "../../src/transfer/ChunkAssembly.js";
import type { TransferConfig, TransferParts } from "../../src/transfer/TransferParts.js";
import { Trial } from "../../src/transfer/Trial.js";
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

/** A trial on a real pool with these peers. */
function tried(peers: readonly Peer[]) {
  const bench = new Bench();
  bench.start(peers);
  const { pool, scheduler } = bench;
  const assembly = new ChunkAssembly({ index: 0, offset: 0, length: 64 * kib }, assemblyParts());
  const budget = retryBudget({ scheduler });
  const parts: TransferParts = {
    manifest: { name: "file", root: "0".repeat(64), size: 64 * kib, chunkSize: 64 * kib },
    pool,
    sink: memorySink(),
    sha256,
    scheduler,
    backoff: exponentialBackoff({ initialMs: 4000 }),
    allowance: Object.assign(budget, { tryReplace: () => budget.tryTake(), tryHedge: () => budget.tryTake(1, 10) }),
    meter: { received: () => undefined, wasted: () => undefined },
    held: EMPTY,
    emit: () => undefined,
  };
  const trial = new Trial(assembly, parts, config);
  const begin = (peer: Peer) =>
    trial.begin(peer, {
      attempt: 0,
      retry: 0,
      deadlineAt: Infinity,
      scheduler,
      backup: () => undefined,
      emit: () => undefined,
    });
  return { trial, begin, bench, assembly };
}

describe("a leg that dies beside a living one", () => {
  it.each([
    ["nothing when it got the chunk further", 32 * kib, true],
    ["as a retry when it brought nothing", 0, false],
  ])("costs %s", (_, bytes, isBlameless) => {
    const { trial, begin, assembly } = tried([a, b]);
    const leg = begin(a);
    begin(b);
    if (bytes > 0) trial.took(leg, bytes, assembly.accept("A", 0, new Uint8Array(bytes)));
    trial.end(leg);
    trial.died(a, lost, true);
    expect(trial.diedBlameless).toBe(isBlameless);
  });
});

describe("a peer that had a part in wrong bytes", () => {
  const suspect = (peer: Peer) => ({ peer: peer.id, start: 0, end: 1, digest: new Uint8Array(32) });

  it("is to be avoided while anybody else is there for the chunk", () => {
    const { trial } = tried([a, b, c]);
    trial.suspects.add([suspect(a), suspect(b)]);
    expect([a, b, c].map((peer) => trial.isToAvoid(peer))).toEqual([true, true, false]);
  });

  it("is not when there is nobody else", () => {
    const { trial } = tried([a, b]);
    trial.suspects.add([suspect(a), suspect(b)]);
    expect([a, b].map((peer) => trial.isToAvoid(peer))).toEqual([false, false]);
  });
});

describe("the replacement of a dead leg", () => {
  const selection = { last: a, stay: false, avoid: new Set<Peer>(), never: new Set<Peer>() };

  it("waits for another peer as long as the retry would wait that it stands for, and no longer", () => {
    const { trial, begin, bench } = tried([a, b]);
    trial.end(begin(a));
    expect(trial.classify(lost)).toEqual({ verdict: "continue" });
    expect(trial.select([a], selection)).toBeUndefined();
    bench.to(3999);
    expect(trial.select([a], selection)).toBeUndefined();
    expect(trial.select([a, b], selection)).toBe(b);
    bench.to(4000);
    expect(trial.select([a], selection)).toBe(a);
  });
});
