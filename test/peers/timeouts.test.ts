import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { commonSlowdown } from "../../src/peers/lineSlowdown.js";
import { TimeoutEstimator } from "../../src/peers/TimeoutEstimator.js";
import { Bench, peerNamed } from "./bench.js";

describe("how long a peer may be silent", () => {
  it("A peer may be silent for 10 s before a first byte and 2 s after it, until it is known", () => {
    const silence = new TimeoutEstimator();
    expect([silence.firstByteLimitMs(0), silence.idleLimitMs(0)]).toEqual([10_000, 2000]);
  });

  it("A peer may be silent for three times as long as is expected at its speed, up to 60 s", () => {
    const silence = new TimeoutEstimator();
    silence.gapTook(100);
    expect([500, 4000, 19_000, 30_000].map((ms) => silence.idleLimitMs(ms))).toEqual([2000, 12_000, 57_000, 60_000]);
    expect(silence.firstByteLimitMs(5000)).toBe(15_000);
  });

  it("The silence that a peer may keep doubles after one that was cut off, up to 20 s, until bytes come", () => {
    const silence = new TimeoutEstimator();
    silence.wasCutOff(2000, true);
    expect([silence.firstByteLimitMs(0), silence.idleLimitMs(0)]).toEqual([10_000, 4000]);
    silence.wasCutOff(16_000, true);
    silence.wasCutOff(10_000, false);
    expect([silence.firstByteLimitMs(0), silence.idleLimitMs(0)]).toEqual([20_000, 20_000]);
    silence.firstByteTook(10);
    silence.gapTook(10);
    expect([silence.firstByteLimitMs(0), silence.idleLimitMs(0)]).toEqual([2000, 2000]);
  });
});

describe("the slowdown of our own line", () => {
  const at = (heardAt: number, share: number) => ({ heardAt, share });
  const slowdown = (...peers: readonly { readonly heardAt: number; readonly share: number }[]): number =>
    commonSlowdown(new Map(peers.map(({ heardAt, share }) => [{ speed: { heardAt } }, share])), 10_000);

  it("The slowdown of our own line is what more than half of the peers share in", () => {
    expect(slowdown(at(9900, 0.02), at(9900, 0.05), at(9900, 1))).toBe(0.05);
    expect(slowdown(at(9900, 0.02), at(9900, 0.05), at(9900, 1), at(9900, 1))).toBe(1);
    expect(slowdown(at(9900, 0.02), at(9900, 0.05))).toBe(0.05);
  });

  it("The slowdown of our own line is none with a single peer, with nobody, and when nobody has been heard for 2 s", () => {
    expect([slowdown(at(9900, 0.02)), slowdown()]).toEqual([1, 1]);
    expect(slowdown(at(8000, 0.02), at(7000, 0.02))).toBe(1);
    expect(slowdown(at(8001, 0.02), at(7000, 0.02))).toBe(0.02);
  });
});

describe("several legs of a peer that stall of one silence", () => {
  it("Several legs of a peer that stall of one silence are one failure, one after the other; a leg that began since is another", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    bench.deliver("A", 1000);
    const stalled = () => new DownloadError("STALLED", "silent");
    const legs = [0, 1, 2].map((chunk) => bench.lease("A", chunk));
    for (const [i, leg] of legs.entries()) {
      bench.to(2000 + 1000 * i);
      leg.failed(stalled());
    }
    expect(bench.state("A").record.failures).toBe(1);
    bench.to(5000);
    const next = bench.lease("A");
    bench.to(9000);
    next.failed(stalled());
    expect(bench.state("A").record.failures).toBe(2);
    expect(bench.events("peer-blacklisted")).toEqual([]);
  });
});

describe("a peer that fell silent", () => {
  it("A peer that fell silent is expected to be slow, and remembered as fast as it was measured", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    const flow = (from: number, bytes: number) => {
      const leg = bench.lease("A");
      for (let i = 1; i <= 10; i += 1) {
        bench.to(from + 100 * i);
        leg.received(bytes);
      }
      leg.delivered();
    };
    flow(0, 10_000);
    flow(1000, 10_000);
    const rate = () => bench.pool.records["A"]?.bytesPerSecond;
    expect(rate()).toBe(100_000);

    const leg = bench.lease("A");
    bench.to(5000);
    leg.failed(new DownloadError("STALLED", "silent"));
    expect(bench.state("A").record.bytesPerSecond).toBe(1024);
    expect(rate()).toBe(100_000);
    expect(bench.pool.records["A"]).toEqual({ ...bench.state("A").record, bytesPerSecond: 100_000 });

    // What it then brings counts for both.
    flow(5000, 5000);
    expect(bench.state("A").record.bytesPerSecond).toBeCloseTo(1024 + 0.3 * (50_000 - 1024));
    expect(rate()).toBeCloseTo(100_000 - 0.3 * 50_000);
  });
});
