import { describe, expect, it } from "vitest";
import { Bench, peerNamed } from "./bench.js";

describe("a pool with a short first blacklist", () => {
  it("A short first blacklist keeps a peer out twice as long each time, also when it delivered in between", () => {
    const bench = new Bench({ firstBlacklistMs: 15_000 });
    bench.start([peerNamed("A"), peerNamed("B")]);
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.to(15_000);
    bench.fail("A");
    bench.to(45_000);
    bench.deliver("A");
    for (let i = 0; i < 3; i++) bench.fail("A");
    const ends = bench.events("peer-blacklisted").map((event) => "untilMs" in event && event.untilMs - event.at);
    expect(ends).toEqual([15_000, 30_000, 60_000]);
  });

  it("A pool knows the share of legs that delivered", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    expect(bench.pool.successRate).toBeCloseTo(2 / 3, 9);
    for (let i = 0; i < 8; i++) bench.deliver("A");
    bench.fail("A");
    bench.fail("A", "PEER_BUSY");
    bench.lease("A").cancelled();
    expect(bench.pool.successRate).toBeCloseTo(9 / 10.5, 9);
  });
});
