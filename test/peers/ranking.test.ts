import { describe, expect, it } from "vitest";
import { expectedCompletionMs } from "../../src/peers/expectedCompletion.js";
import { GoodputMeter } from "../../src/peers/GoodputMeter.js";
import { ewma } from "../../operators/ewma.js";
import { unknownPeer } from "../../src/peers/PeerRecord.js";
import { Bench, peerNamed } from "./bench.js";

const fast = { ok: 10, failed: 0, failures: 0, bytesPerSecond: 1_000_000, roundTripMs: 20 };

describe("expected completion", () => {
  it("The expected completion of a chunk is its bytes after a round trip, or after those in front at the peer's rate, longer for a peer that fails", () => {
    const once = (20 + 100) / (11 / 11.5);
    expect(expectedCompletionMs(fast, 0, 100_000)).toBeCloseTo(once, 6);
    expect(expectedCompletionMs(fast, 2, 100_000)).toBeCloseTo(300 / (11 / 11.5), 6);
    expect(expectedCompletionMs({ ...fast, roundTripMs: 250 }, 2, 100_000)).toBeCloseTo(350 / (11 / 11.5), 6);
    expect(expectedCompletionMs({ ...fast, failed: 10 }, 0, 100_000)).toBeCloseTo((20 + 100) / (11 / 21.5), 6);
  });

  it("The expected completion puts an unknown idle peer first, and an unknown busy one last", () => {
    expect(expectedCompletionMs(unknownPeer, 0, 1)).toBe(0);
    expect(expectedCompletionMs(unknownPeer, 1, 1)).toBe(Number.MAX_VALUE);
  });
});

describe("the ranking", () => {
  it("The ranking explores unknown peers first, then asks the one that will be done soonest", () => {
    const slow = { ...fast, bytesPerSecond: 200_000 };
    const bench = new Bench({}, { slow, fast });
    bench.start(["slow", "fast", "new"].map((id) => peerNamed(id)));
    expect(bench.canBeAsked()).toEqual(["new", "fast", "slow"]);
  });

  it("The ranking asks the slow peer when the fast one has so much before it that it would take longer", () => {
    const slow = { ...fast, bytesPerSecond: 6_000_000 };
    const bench = new Bench({}, { slow, fast: { ...fast, bytesPerSecond: 15_000_000 } });
    bench.start([peerNamed("slow"), peerNamed("fast")]);
    for (let i = 0; i < 7; i++) bench.deliver("fast");
    for (const chunk of [1, 2, 3, 4]) bench.lease("fast", chunk);
    expect(bench.canBeAsked()).toEqual(["fast", "slow"]);
    bench.lease("fast", 5);
    expect(bench.canBeAsked()).toEqual(["slow", "fast"]);
  });

  it("The ranking keeps equals in the order in which they came", () => {
    const bench = new Bench();
    bench.start(["C", "A", "B"].map((id) => peerNamed(id)));
    expect(bench.canBeAsked()).toEqual(["C", "A", "B"]);
  });

  it("The ranking learns a peer's rate from what it delivers", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    for (let i = 1; i <= 8; i++) {
      const lease = bench.lease("A");
      bench.to(200 * i - 100);
      lease.received(50_000);
      bench.to(200 * i);
      lease.received(50_000);
      lease.delivered();
    }
    const { bytesPerSecond, roundTripMs } = bench.state("A").record;
    expect(bytesPerSecond).toBeCloseTo(500_000, -4);
    expect(roundTripMs).toBeCloseTo(100, 6);
    expect(bench.state("A").bytes).toBe(800_000);
  });
});

describe("GoodputMeter", () => {
  it("A meter of goodput takes no sample of nothing, nor of a moment", () => {
    const meter = new GoodputMeter();
    meter.start(1000);
    expect(meter.sample(2000)).toBeUndefined();
    meter.add(500, 1001, false);
    expect(meter.sample(1001)).toBeUndefined();
    expect(meter.guess(1001)).toBeGreaterThan(0);
    expect(meter.sample(2000)).toBe(500);
    expect(meter.sample(3000)).toBeUndefined();
  });

  it("A meter of goodput counts the time in which bytes flow, not the way there and back, once any have flown", () => {
    const meter = new GoodputMeter();
    meter.start(0);
    meter.add(1000, 100, false);
    meter.add(1000, 100, true); // of another leg, and as old
    meter.add(1000, 110, true);
    meter.add(1000, 120, true);
    expect(meter.sample(120)).toBe(100_000);
    meter.add(1000, 300, false);
    expect(meter.sample(300)).toBeUndefined();
  });

  it("A meter of goodput counts all of the time again when leg after leg comes in one piece", () => {
    const meter = new GoodputMeter();
    meter.start(0);
    for (const at of [100, 110, 120]) meter.add(1000, at, at > 100);
    expect(meter.sample(120)).toBe(100_000);
    meter.add(5000, 130, false);
    meter.add(5000, 145, false);
    expect(meter.sample(145)).toBeUndefined();
    meter.add(5000, 170, false);
    expect(meter.sample(170)).toBe(300_000);
  });
});

describe("records", () => {
  it("A record gives the newest sample three tenths of the weight", () => {
    expect(ewma(undefined, 50)).toBe(50);
    expect(ewma(100, 50)).toBe(85);
  });

  it("Records of peers that were not met are kept for the next run", () => {
    const bench = new Bench({}, { elsewhere: fast });
    bench.start([peerNamed("A")]);
    bench.deliver("A");
    expect(bench.pool.records).toMatchObject({ elsewhere: fast, A: { ok: 1 } });
  });
});

describe("the states of a pool", () => {
  it("The states of a pool are seen at once and after each change", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    const seen: string[] = [];
    bench.pool.states.subscribe((all) =>
      seen.push(all.map(({ peer, inFlight, health }) => `${peer} ${inFlight} ${health.state}`).join()),
    );
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.to(0);
    expect(seen[0]).toBe("A 0 healthy");
    expect(seen).toContain("A 1 healthy");
    expect(seen.at(-1)).toBe("A 0 open");
  });
});
