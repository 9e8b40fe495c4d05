import { describe, expect, it } from "vitest";
import { mergeMap } from "rxjs";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { LegLimit } from "../../src/peers/LegLimit.js";
import { RequestRate } from "../../src/peers/RequestRate.js";
import { Bench, peerNamed } from "./bench.js";

describe("legs of one peer", () => {
  it("are one until its first verified chunk, then one more with each success, up to the most", () => {
    const bench = new Bench({ maxPerPeer: 3 });
    bench.start([peerNamed("A")]);
    const lease = bench.lease("A");
    expect(bench.canBeAsked()).toEqual([]);
    lease.delivered();
    const again = bench.lease("A");
    expect(bench.canBeAsked()).toEqual([]);
    again.delivered();
    bench.pool.verified("A");
    bench.pool.verified("nobody");
    const legs = [bench.lease("A", 1)];
    expect(bench.canBeAsked()).toEqual(["A"]);
    legs.push(bench.lease("A", 2));
    expect(bench.canBeAsked()).toEqual([]);
    for (const leg of legs) leg.delivered();
    for (let i = 0; i < 9; i++) bench.deliver("A");
    for (const chunk of [1, 2, 3]) bench.lease("A", chunk);
    expect(bench.canBeAsked()).toEqual([]);
    expect(bench.state("A").inFlight).toBe(3);
  });

  it("are as many as a peer says that it bears, up to the limit, before it has shown anything", () => {
    const bench = new Bench({ maxPerPeer: 3 });
    bench.start([
      { ...peerNamed("A"), bears: 2 },
      { ...peerNamed("B"), bears: 9 },
    ]);
    for (const chunk of [0, 1]) bench.lease("A", chunk);
    for (const chunk of [2, 3]) bench.lease("B", chunk);
    expect(bench.canBeAsked()).toEqual(["B"]);
    bench.lease("B", 4);
    expect(bench.canBeAsked()).toEqual([]);
  });

  it("halve after a timeout, and grow by one a window from then on", () => {
    const limit = new LegLimit(8);
    for (let i = 0; i < 9; i++) limit.succeeded();
    expect(limit.legs).toBe(8);
    limit.overloaded();
    expect(limit.legs).toBe(4);
    for (let i = 0; i < 3; i++) limit.succeeded();
    expect(limit.legs).toBe(4);
    limit.succeeded();
    expect(limit.legs).toBe(5);
    for (let i = 0; i < 5; i++) limit.overloaded();
    expect(limit.legs).toBe(1);
  });
});

describe("slots", () => {
  it("are the most legs that all peers together have", () => {
    const bench = new Bench({ maxConcurrent: 2 });
    bench.start(["A", "B", "C"].map((id) => peerNamed(id)));
    const lease = bench.lease("A", 0);
    bench.lease("B", 1);
    expect(bench.canBeAsked(2)).toEqual([]);
    lease.cancelled();
    expect(bench.canBeAsked(2)).not.toEqual([]);
  });

  it("go to a chunk that is due before a new one", () => {
    const bench = new Bench({ maxConcurrent: 1 });
    bench.start([peerNamed("A"), peerNamed("B")]);
    const log: string[] = [];
    const lease = bench.lease("A", 0);
    bench.pool.candidates(7).subscribe((peers) => {
      for (const peer of peers) {
        log.push(`retry on ${peer.id}`);
        bench.lease(peer.id, 7);
        return;
      }
    });
    bench.pool.admit.subscribe(() => log.push("new chunk"));
    bench.to(10);
    expect(log).toEqual([]);
    lease.failed(new DownloadError("TIMEOUT", "late"));
    expect(log).toEqual([]); // whoever takes the place of the leg would have it
    bench.to(10);
    expect(log).toEqual(["retry on B"]);
  });

  it("go to those in line in the order in which they came", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    const lease = bench.lease("A", 9);
    const log: number[] = [];
    for (const chunk of [5, 3, 4]) {
      bench.pool.candidates(chunk).subscribe((peers) => {
        for (const peer of peers) {
          log.push(chunk);
          bench.to(bench.scheduler.now());
          const next = bench.lease(peer.id, chunk);
          bench.scheduler.schedule(() => next.delivered(), 10);
          return;
        }
      });
    }
    bench.to(1);
    lease.delivered();
    bench.to(1000);
    expect(log).toEqual([5, 3, 4]);
  });

  it("let no more than four times as many chunks be open", () => {
    const bench = new Bench({ maxConcurrent: 2 });
    bench.start([peerNamed("A"), peerNamed("B")]);
    let next = 0;
    const open = bench.pool.admit.pipe(mergeMap(() => bench.pool.candidates(next++))).subscribe();
    expect(next).toBe(8);
    open.unsubscribe();
  });

  it("are not offered while nobody can take a leg", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    bench.lease("A", 0);
    let admitted = 0;
    bench.pool.admit.subscribe(() => admitted++);
    expect(admitted).toBe(0);
  });

  it("are not granted after the pool has stopped", () => {
    const bench = new Bench();
    const running = bench.start([peerNamed("A")]);
    let admitted = 0;
    running.unsubscribe();
    bench.pool.admit.subscribe(() => admitted++);
    expect([admitted, bench.canBeAsked()]).toEqual([0, []]);
  });
});

describe("requests to one peer", () => {
  it("may come eight at once, then twenty a second", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    let asked = 0;
    const ask = (): void => {
      bench.lease("A").cancelled();
      asked++;
    };
    bench.pool.candidates(0).subscribe((peers) => {
      while ([...peers].length > 0) ask();
    });
    expect(asked).toBe(8);
    bench.to(49);
    expect(asked).toBe(8);
    bench.to(50);
    expect(asked).toBe(9);
    bench.to(1000);
    expect(asked).toBe(28);
  });

  it("that delivered give their token back", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    for (let i = 0; i < 1000; i++) bench.deliver("A");
    expect(bench.canBeAsked()).toEqual(["A"]);
  });

  it("never earn more than the burst", () => {
    const rate = new RequestRate(20, 8, 0);
    rate.giveBack();
    for (let i = 0; i < 8; i++) {
      expect(rate.waitMs(100_000)).toBe(0);
      rate.take(100_000);
    }
    expect(rate.waitMs(100_000)).toBe(50);
    expect(rate.waitMs(99_000)).toBe(50);
  });
});
