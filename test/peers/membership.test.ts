import { EMPTY, of, throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import { nobodyLeft } from "../../src/peers/PeerTable.js";
import type { PoolMember } from "../../src/peers/PooledPeer.js";
import { selectRetryPeer } from "../../src/peers/selectRetryPeer.js";
import { Bench, peerNamed } from "./bench.js";

describe("peers", () => {
  it("Peers join, leave and return, and are what they were before", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    bench.fail("A");
    bench.source.next([peerNamed("B")]);
    expect(bench.canBeAsked()).toEqual(["B"]);
    bench.source.next([peerNamed("B"), peerNamed("A")]);
    expect(bench.told.map(({ type, ...rest }) => [type, "peer" in rest && rest.peer])).toEqual([
      ["peer-joined", "A"],
      ["peer-left", "A"],
      ["peer-joined", "B"],
      ["peer-joined", "A"],
    ]);
    expect(bench.state("A").record.failures).toBe(1);
    expect(bench.canBeAsked()).toEqual(["B", "A"]);
  });

  it("Peers are told once, however often the list comes", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    bench.source.next([peerNamed("A"), peerNamed("A")]);
    expect(bench.events("peer-joined")).toHaveLength(1);
  });

  it("Peers that left may finish what they are at, and nobody counts it against them", () => {
    const bench = new Bench();
    bench.start([peerNamed("A"), peerNamed("B")]);
    const lease = bench.lease("A");
    bench.source.next([peerNamed("B")]);
    expect(bench.canBeAsked()).toEqual(["B"]);
    lease.failed(new DownloadError("CONNECTION_LOST", "gone"));
    expect(bench.state("A")).toMatchObject({ present: false, inFlight: 0, record: { failed: 0 } });
  });

  it("A pool that all peers left, while one is at work, does not end before that one is done", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    const lease = bench.lease("A");
    const chunks = bench.pool.admit.subscribe();
    bench.source.next([]);
    bench.source.complete();
    bench.to(400_000);
    expect(bench.error).toBeUndefined();
    lease.delivered();
    expect(bench.error).toMatchObject({ code: "NO_PEERS" });
    chunks.unsubscribe();
  });

  it("Peers need not be there when nobody is wanted", () => {
    const bench = new Bench();
    bench.start([], of([peerNamed("A")]));
    bench.fail("A", "AUTH_FAILED");
    expect(bench.error).toBeUndefined();
    const chunk = bench.waiting(1);
    bench.to(0);
    expect(bench.error).toMatchObject({ code: "AUTH_FAILED" });
    chunk.unsubscribe();
  });

  it("Peers are waited for, 300 s", () => {
    const bench = new Bench();
    bench.start();
    const chunk = bench.waiting(1);
    bench.to(299_999);
    expect(bench.events("waiting")).toEqual([{ type: "waiting", reason: "no-peers", untilMs: 300_000, at: 0 }]);
    expect(bench.error).toBeUndefined();
    bench.to(300_000);
    expect(bench.error).toMatchObject({ code: "NO_PEERS", message: "no peer appeared within 300 s" });
    chunk.unsubscribe();
  });

  it("Peers that come in time are enough", () => {
    const bench = new Bench();
    bench.start();
    bench.to(299_999);
    bench.source.next([peerNamed("A")]);
    bench.to(900_000);
    expect(bench.error).toBeUndefined();
  });

  it("A source of peers that fails ends the pool with its error", () => {
    const bench = new Bench();
    const error = new Error("tracker down");
    bench.start(
      [],
      throwError(() => error),
    );
    expect(bench.error).toBe(error);
  });

  it("Peers leave no timer behind when the pool is unsubscribed", () => {
    const bench = new Bench();
    const running = bench.start([peerNamed("A"), peerNamed("B"), peerNamed("C")]);
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.fail("B", "PEER_BUSY");
    for (let i = 0; i < 8; i++) bench.lease("C").cancelled();
    const chunk = bench.waiting(1);
    expect(bench.scheduler.actions.length).toBeGreaterThanOrEqual(3);
    running.unsubscribe();
    chunk.unsubscribe();
    expect(bench.scheduler.actions).toEqual([]);
  });
});

describe("a chunk that nobody can ever serve", () => {
  it("A chunk that nobody can ever serve is told so when nobody new will come", () => {
    const bench = new Bench();
    bench.start([peerNamed("A", (chunk) => chunk !== 3), peerNamed("B")]);
    bench.fail("B", "CHUNK_NOT_AVAILABLE", 3);
    let complete = false;
    bench.waiting(3).add(() => (complete = true));
    bench.to(10);
    expect(complete).toBe(false);
    bench.source.complete();
    expect(complete).toBe(true);
    expect(bench.canBeAsked(4)).toEqual(["A", "B"]);
  });

  it("A peer that lacks a chunk is believed rather than what it announced", () => {
    const bench = new Bench();
    bench.start([peerNamed("A", () => true)]);
    bench.fail("A", "CHUNK_NOT_AVAILABLE", 3);
    expect([bench.canBeAsked(3), bench.canBeAsked(4)]).toEqual([[], ["A"]]);
  });

  it("A chunk knows whether a peer is the only one that has it", () => {
    const bench = new Bench();
    bench.start([peerNamed("A"), peerNamed("B", (chunk) => chunk !== 3)]);
    expect([bench.pool.isOnly("A", 3), bench.pool.isOnly("A", 4)]).toEqual([true, false]);
  });
});

describe("the error of a pool that lost everybody", () => {
  const lost = (code: DownloadErrorCode | undefined, peer = "A"): PoolMember => ({
    peer,
    present: code !== undefined,
    health: code === undefined ? { state: "healthy" } : { state: "excluded", code },
    inFlight: 0,
    bytes: 0,
    record: { ok: 0, failed: 0, failures: 0 },
  });

  it.each([
    [[lost("AUTH_FAILED"), lost("AUTH_FAILED", "B")], "AUTH_FAILED"],
    [[lost("FILE_NOT_FOUND")], "FILE_NOT_FOUND_ANYWHERE"],
    [[lost("AUTH_FAILED"), lost("FILE_NOT_FOUND", "B")], "NO_PEERS"],
    [[lost("RESOURCE_CHANGED"), lost(undefined, "B")], "NO_PEERS"],
    [[lost(undefined)], "NO_PEERS"],
    [[], "NO_PEERS"],
  ] as const)("%# has the code that all were lost for", (peers, code) => {
    expect(nobodyLeft(peers, 0).code).toBe(code);
  });

  it("The error of a pool that lost everybody is NO_PEERS when those that left had only been waited for", () => {
    const gone = {
      ...lost("TIMEOUT"),
      present: false,
      health: { state: "busy", untilMs: 5, code: "PEER_BUSY" },
    } as const;
    expect(nobodyLeft([gone], 0)).toMatchObject({ code: "NO_PEERS", message: "no peer is left (A: left)" });
  });

  it("The error of a pool that lost everybody names each peer and its reason", () => {
    const text = nobodyLeft([lost("AUTH_FAILED"), lost(undefined, "B")], 0).message;
    expect(text).toContain("A: AUTH_FAILED, B: left");
  });

  it("A pool whose source completes without a peer fails at once when a chunk asks", () => {
    const bench = new Bench();
    bench.start([], EMPTY);
    expect(bench.error).toBeUndefined();
    bench.pool.admit.subscribe().unsubscribe();
    expect(bench.error).toMatchObject({ code: "NO_PEERS" });
    expect(bench.pool.lost).toMatchObject({ code: "NO_PEERS" });
  });
});

describe("selectRetryPeer", () => {
  it("A retry takes the first peer that is not excluded, or nobody", () => {
    expect(selectRetryPeer(["A"], ["A", "B", "C"])).toBe("B");
    expect(selectRetryPeer(new Set(["A", "B"]), ["A", "B"])).toBeUndefined();
    expect(selectRetryPeer<string>([], [])).toBeUndefined();
  });
});
