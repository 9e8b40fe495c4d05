import { mergeMap, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { AimdLimit } from "../../src/peers/AimdLimit.js";
import { Bench, peerNamed } from "./bench.js";

describe("legs of one peer", () => {
  it("A peer has one leg until its first verified chunk, then one more with each success, up to the most", () => {
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

  it("A peer has as many legs as it says that it bears, up to the limit, before it has shown anything", () => {
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

  it("The legs of a peer halve after a timeout, and grow by one a window from then on", () => {
    const limit = new AimdLimit(8);
    for (let i = 0; i < 9; i++) limit.succeeded(0);
    expect(limit.legs).toBe(8);
    limit.overloaded();
    expect(limit.legs).toBe(4);
    for (let i = 0; i < 3; i++) limit.succeeded(0);
    expect(limit.legs).toBe(4);
    limit.succeeded(0);
    expect(limit.legs).toBe(5);
    for (let i = 0; i < 5; i++) limit.overloaded();
    expect(limit.legs).toBe(1);
  });
});

describe("A ceiling", () => {
  it("A ceiling of legs is kept after a refusal, and tried again after 15, 30, 60 s and so on", () => {
    const limit = new AimdLimit(8);
    for (let i = 0; i < 3; i++) limit.succeeded(0);
    limit.refused(3, 1000);
    const growsAt = (ms: number): boolean => {
      for (let i = 0; i < 10; i++) limit.succeeded(ms);
      return limit.legs > 3;
    };
    expect([limit.legs, growsAt(15_999), growsAt(16_000)]).toEqual([3, false, true]);
    limit.refused(3, 16_000);
    expect([growsAt(45_999), growsAt(46_000)]).toEqual([false, true]);
    limit.refused(3, 46_000);
    limit.refused(3, 46_001); // another leg of the same try
    expect([growsAt(105_999), growsAt(106_000)]).toEqual([false, true]);
  });

  it("A ceiling of legs is no reason for those that are served to rest, unless the peer asks for time", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    for (let i = 0; i < 5; i++) bench.deliver("A", 1000);
    const [served, refused, other] = [bench.lease("A", 1), bench.lease("A", 2), bench.lease("A", 3)];
    served.received(1000);
    refused.failed(new DownloadError("PEER_BUSY", "one is enough"));
    expect(bench.state("A").health.state).toBe("healthy");
    other.failed(new DownloadError("RATE_LIMITED", "later", { retryAfterMs: 3000 }));
    expect(bench.state("A").health).toMatchObject({ state: "busy", untilMs: 3000 });
    served.delivered();
    bench.to(3000);
    bench.lease("A", 4);
    expect(bench.canBeAsked()).toEqual([]);
  });

  it("A ceiling of legs is found by a refusal before the first byte of the leg that is served", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    for (let i = 0; i < 5; i++) bench.deliver("A", 1000);
    bench.to(1000);
    const [served, ...refused] = [1, 2, 3].map((chunk) => bench.lease("A", chunk));
    for (const leg of refused) leg.failed(new DownloadError("PEER_BUSY", "one is enough"));
    expect(bench.state("A").health.state).toBe("healthy");
    expect(bench.canBeAsked()).toEqual([]);
    served?.delivered();
    expect(bench.canBeAsked()).toEqual(["A"]);
    bench.lease("A", 4);
    expect(bench.canBeAsked()).toEqual([]);
  });

  it("A ceiling of legs is none where all legs were refused: the peer rests, and gets half of them then", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    for (let i = 0; i < 3; i++) bench.deliver("A");
    bench.to(1000);
    for (const leg of [1, 2, 3].map((chunk) => bench.lease("A", chunk))) {
      expect(bench.state("A").health.state).toBe("healthy");
      leg.failed(new DownloadError("PEER_BUSY", "not now"));
    }
    expect(bench.state("A").health).toMatchObject({ state: "busy", untilMs: 2000 });
    const limit = new AimdLimit(8, 8);
    for (let served = 7; served > 0; served--) limit.refused(served, 1000);
    expect(limit.legs).toBe(1);
    limit.refusedAll();
    expect(limit.legs).toBe(4);
    for (let i = 0; i < 4; i++) limit.succeeded(2000);
    expect(limit.legs).toBe(5);
  });
});

describe("slots", () => {
  it("The slots are the most legs that all peers together have", () => {
    const bench = new Bench({ maxConcurrent: 2 });
    bench.start(["A", "B", "C"].map((id) => peerNamed(id)));
    const lease = bench.lease("A", 0);
    bench.lease("B", 1);
    expect(bench.canBeAsked(2)).toEqual([]);
    lease.cancelled();
    expect(bench.canBeAsked(2)).not.toEqual([]);
  });

  it("A slot goes to a chunk that is due before a new one", () => {
    const bench = new Bench({ maxConcurrent: 1 });
    bench.start([peerNamed("A"), peerNamed("B")]);
    const log: string[] = [];
    const lease = bench.lease("A", 0);
    bench.seeking(7, ({ id }) => {
      log.push(`retry on ${id}`);
      bench.lease(id, 7);
      return false;
    });
    bench.pool.admit.subscribe(() => log.push("new chunk"));
    bench.to(10);
    expect(log).toEqual([]);
    lease.failed(new DownloadError("TIMEOUT", "late"));
    expect(log).toEqual([]); // whoever takes the place of the leg would have it
    bench.to(10);
    expect(log).toEqual(["retry on B"]);
  });

  it("Slots go to those in line in the order in which they came", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    const lease = bench.lease("A", 9);
    const log: number[] = [];
    for (const chunk of [5, 3, 4]) {
      bench.seeking(chunk, ({ id }) => {
        log.push(chunk);
        bench.to(bench.scheduler.now());
        const next = bench.lease(id, chunk);
        bench.scheduler.schedule(() => next.delivered(), 10);
        return false;
      });
    }
    bench.to(1);
    lease.delivered();
    bench.to(1000);
    expect(log).toEqual([5, 3, 4]);
  });

  it("A slot is told to a chunk that waits, and not to one that only read who can be asked", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    const told: string[] = [];
    bench.pool.candidates(1).subscribe((peers) => told.push(`chunk 1: ${[...peers].length}`));
    bench.pool.candidates(2).subscribe((peers) => {
      told.push(`chunk 2: ${[...peers].length}`);
      bench.pool.waitFor(2);
    });
    bench.pool.waitFor(3); // nobody asks for it
    const lease = bench.lease("A");
    bench.to(1);
    told.length = 0;
    lease.delivered();
    bench.to(2);
    expect(told).toEqual(["chunk 2: 1"]);
  });

  it("No more than four times as many chunks are open as there are slots", () => {
    const bench = new Bench({ maxConcurrent: 2 });
    bench.start([peerNamed("A"), peerNamed("B")]);
    let next = 0;
    const open = bench.pool.admit.pipe(mergeMap(() => bench.pool.candidates(next++))).subscribe();
    expect(next).toBe(8);
    open.unsubscribe();
  });

  it("Slots are not offered while nobody can take a leg", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    bench.lease("A", 0);
    let admitted = 0;
    bench.pool.admit.subscribe(() => admitted++);
    expect(admitted).toBe(0);
  });

  it("Slots are not granted after the pool has stopped", () => {
    const bench = new Bench();
    const running = bench.start([peerNamed("A")]);
    let admitted = 0;
    running.unsubscribe();
    bench.pool.admit.subscribe(() => admitted++);
    expect([admitted, bench.canBeAsked()]).toEqual([0, []]);
  });
});

describe("requests to one peer", () => {
  it("Requests to one peer may come eight at once, then twenty a second", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    let asked = 0;
    bench.seeking(0, () => {
      bench.lease("A").cancelled();
      asked++;
      return true;
    });
    expect(asked).toBe(8);
    bench.to(49);
    expect(asked).toBe(8);
    bench.to(50);
    expect(asked).toBe(9);
    bench.to(1000);
    expect(asked).toBe(28);
  });

  it("Requests that delivered give their token back", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    for (let i = 0; i < 1000; i++) bench.deliver("A");
    expect(bench.canBeAsked()).toEqual(["A"]);
  });

  it("Requests to one peer never earn more than the burst", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    bench.deliver("A");
    bench.to(100_000);
    for (let i = 0; i < 8; i++) bench.lease("A").cancelled();
    expect(bench.canBeAsked()).toEqual([]);
    bench.to(100_050);
    expect(bench.canBeAsked()).toEqual(["A"]);
  });
});

describe("A cache that fills", () => {
  function filling() {
    const changes = new Subject<void>();
    const peer = { ...peerNamed("A"), isFilling: true, bears: 8, changes };
    const bench = new Bench();
    bench.start([peer]);
    return { bench, peer, changes };
  }

  it("A cache that fills has one leg, until it says that it is full", () => {
    const { bench, peer, changes } = filling();
    for (let i = 0; i < 3; i++) bench.deliver("A");
    bench.lease("A", 0);
    expect(bench.canBeAsked(1)).toEqual([]);
    peer.isFilling = false;
    changes.next();
    expect(bench.canBeAsked(1)).toEqual(["A"]);
    expect(bench.pool.violations).toEqual([]);
  });

  it("A peer whose one answer is ample has one leg, as long as it is", () => {
    const changes = new Subject<void>();
    const peer = { ...peerNamed("A"), isAmple: true, bears: 8, changes };
    const bench = new Bench();
    bench.start([peer]);
    bench.deliver("A");
    bench.lease("A", 0);
    expect(bench.canBeAsked(1)).toEqual([]);
    peer.isAmple = false;
    changes.next();
    expect(bench.canBeAsked(1)).toEqual(["A"]);
  });

  it("A cache that fills may let a leg wait for all that lies before it in the file to pass", () => {
    const { bench, peer } = filling();
    for (let i = 0; i < 3; i++) bench.deliver("A", 1000);
    const { firstByteMs } = bench.pool.timeouts;
    const speed = bench.state("A").record.bytesPerSecond ?? 0;
    expect(firstByteMs(peer, 10 * speed)).toBeGreaterThanOrEqual(30_000);
    peer.isFilling = false;
    expect(firstByteMs(peer, 10 * speed)).toBeLessThan(30_000);
  });
});
