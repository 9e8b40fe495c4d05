import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { Bench, peerNamed } from "./bench.js";

const busy = (bench: Bench, id: string, retryAfterMs?: number): void => {
  const details = retryAfterMs === undefined ? {} : { retryAfterMs };
  bench.lease(id).failed(new DownloadError("PEER_BUSY", "later", details));
};

const alone = (config = {}): Bench => {
  const bench = new Bench(config);
  bench.start([peerNamed("A")]);
  return bench;
};

describe("a busy peer", () => {
  it("A busy peer is left alone for 1, 2, 4, 8 and 8 s when it names no time", () => {
    const bench = alone();
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const from = bench.scheduler.now();
      busy(bench, "A");
      const until = bench.events("peer-busy").at(-1) as { readonly untilMs?: number };
      waits.push((until.untilMs ?? 0) - from);
      bench.to(until.untilMs ?? 0);
      expect(bench.canBeAsked()).toEqual(["A"]);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 8000]);
  });

  it("The rests of a busy peer begin with 1 s again after a chunk that it delivered", () => {
    const bench = alone();
    busy(bench, "A");
    bench.to(1000);
    bench.deliver("A");
    busy(bench, "A");
    expect(bench.events("peer-busy").at(-1)).toMatchObject({ untilMs: 2000 });
  });

  it("A busy peer is left alone for as long as it asks, if that is longer", () => {
    const bench = alone();
    busy(bench, "A", 3000);
    bench.to(2999);
    expect(bench.canBeAsked()).toEqual([]);
    bench.to(3000);
    expect(bench.canBeAsked()).toEqual(["A"]);
    busy(bench, "A", 10);
    expect(bench.state("A").health).toEqual({ state: "busy", untilMs: 5000, code: "PEER_BUSY" });
  });

  it("A peer that asks for as long as a chunk may take is out until then, and as it was after that", () => {
    const bench = new Bench({ longestBusyMs: 7000 });
    bench.start([peerNamed("A"), peerNamed("B")]);
    busy(bench, "A", 7000);
    expect(bench.state("A").health).toEqual({ state: "away", untilMs: 7000, code: "PEER_BUSY" });
    expect(bench.events("peer-busy")).toMatchObject([{ peer: "A", untilMs: 7000 }]);
    expect([bench.pool.isOnly("B", 0), bench.pool.lost]).toEqual([true, undefined]);
    bench.to(6999);
    expect(bench.canBeAsked()).toEqual(["B"]);
    bench.to(7000);
    expect(bench.canBeAsked()).toEqual(["A", "B"]);
    expect(bench.state("A").record).toMatchObject({ failed: 0, failures: 0 });
  });

  it("A peer that is out for as long as a chunk may take is not waited for: with nobody else who may come, the pool ends at once, and says when to ask again", () => {
    const bench = new Bench();
    bench.start([peerNamed("A"), peerNamed("B"), peerNamed("C")]);
    bench.source.complete();
    busy(bench, "A", 7_200_000);
    bench.lease("B").failed(new DownloadError("RATE_LIMITED", "429", { retryAfterMs: 3_600_000 }));
    bench.to(10);
    expect(bench.pool.lost).toBeUndefined();
    bench.fail("C", "FILE_NOT_FOUND");
    bench.pool.admit.subscribe().unsubscribe();
    expect(bench.error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 3_600_000 - 10 });
    expect(String(bench.error)).toContain("C: FILE_NOT_FOUND); ask again in 1 h 00 min");
  });

  it("A peer that is out for as long as a chunk may take comes back to a download in which others may come", () => {
    const bench = alone({ peerWaitMs: 400_000 });
    bench.waiting(0);
    busy(bench, "A", 399_000);
    bench.to(500_000);
    expect([bench.error, bench.canBeAsked()]).toEqual([undefined, ["A"]]);
  });

  it("A peer of which this machine has no room to ask more is asked less, as a busy one, and has no worse reputation", () => {
    const bench = alone();
    const ours = new DownloadError("LOCAL_IO", "no file descriptor is left", { peer: "A" });
    for (let i = 0; i < 4; i++) bench.deliver("A");
    const [first, second] = [bench.lease("A", 1), bench.lease("A", 2)];
    first.received(1000);
    second.failed(ours);
    expect(bench.state("A").health).toEqual({ state: "healthy" });
    expect(bench.canBeAsked()).toEqual([]);
    first.delivered();
    bench.to(10);
    bench.lease("A").failed(ours);
    expect(bench.state("A")).toMatchObject({ health: { state: "busy", code: "LOCAL_IO" }, record: { failed: 0 } });
  });

  it("A busy peer has no worse reputation", () => {
    const bench = alone();
    for (let i = 0; i < 10; i++) {
      busy(bench, "A");
      bench.to(bench.scheduler.now() + 8000);
    }
    expect(bench.state("A").record).toMatchObject({ ok: 0, failed: 0, failures: 0 });
    expect(bench.events("peer-blacklisted")).toEqual([]);
  });

  it("Busy answers on several legs count as one, whichever heard it, and the longest is waited for", () => {
    const bench = alone();
    for (let i = 0; i < 4; i++) bench.deliver("A");
    const legs = [1, 2, 3].map((chunk) => bench.lease("A", chunk));
    legs[0]?.failed(new DownloadError("RATE_LIMITED", "429", { retryAfterMs: 2000 }));
    legs[1]?.failed(new DownloadError("RATE_LIMITED", "429", { retryAfterMs: 6000 }));
    legs[2]?.failed(new DownloadError("RATE_LIMITED", "429", { retryAfterMs: 1000 }));
    expect(bench.state("A").health).toMatchObject({ state: "busy", untilMs: 6000 });
    bench.to(5999);
    expect(bench.canBeAsked()).toEqual([]);
    bench.to(6000);
    busy(bench, "A");
    expect(bench.state("A").health).toMatchObject({ untilMs: 8000 });
  });

  it("A busy peer gets half as many legs as before", () => {
    const bench = alone();
    for (let i = 0; i < 7; i++) bench.deliver("A");
    const before = legsOf(bench);
    busy(bench, "A");
    bench.to(1000);
    expect([before, legsOf(bench)]).toEqual([8, 4]);
  });

  it("A busy peer is blacklisted by what its other legs fail with", () => {
    const bench = alone();
    for (let i = 0; i < 4; i++) bench.deliver("A");
    const legs = [1, 2, 3].map((chunk) => bench.lease("A", chunk));
    busy(bench, "A");
    for (const leg of legs) leg.failed(new DownloadError("TIMEOUT", "late"));
    expect(bench.state("A").health).toMatchObject({ state: "open", untilMs: 300_000 });
    busy(bench, "A");
    bench.to(10_000);
    expect(bench.state("A").health.state).toBe("open");
  });

  it("A peer stays half-open when its probe was answered with busy", () => {
    const bench = alone();
    bench.source.next([peerNamed("A"), peerNamed("B")]);
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.to(300_000);
    busy(bench, "A");
    bench.to(301_000);
    expect(bench.state("A").health.state).toBe("half-open");
    bench.fail("A");
    expect(bench.state("A").health.state).toBe("open");
  });
});

describe("waiting", () => {
  it("Waiting is told once when all peers are busy, with the first end of it", () => {
    const bench = alone();
    bench.source.next([peerNamed("A"), peerNamed("B")]);
    busy(bench, "A", 5000);
    const chunk = bench.waiting(1);
    bench.to(1);
    expect(bench.events("waiting")).toEqual([]);
    busy(bench, "B", 3000);
    bench.to(1);
    expect(bench.events("waiting")).toEqual([{ type: "waiting", reason: "busy", untilMs: 3001, at: 1 }]);
    chunk.unsubscribe();
  });
});

/** How many legs it may have at once. */
function legsOf(bench: Bench): number {
  const legs = [];
  while (bench.canBeAsked().length > 0) legs.push(bench.lease("A", legs.length));
  for (const leg of legs) leg.cancelled();
  return legs.length;
}
