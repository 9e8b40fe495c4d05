import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pipelineDepth } from "../../src/peers/pipelineDepth.js";
import { RoundTripFloor } from "../../src/peers/RoundTripFloor.js";
import { Bench, peerNamed } from "./bench.js";

describe("pipelineDepth", () => {
  it.each([
    ["a slow peer", 50_000, 20, 262_144, 2],
    ["one that serves a chunk in two round trips", 262_144, 500, 262_144, 2],
    ["one a little faster", 262_145, 500, 262_144, 3],
    ["1 MB/s nearby", 1_000_000, 20, 262_144, 2],
    ["1 MB/s by satellite", 1_000_000, 600, 262_144, 6],
    ["10 MB/s", 10_000_000, 20, 262_144, 5],
    ["10 MB/s in large chunks", 10_000_000, 20, 2 ** 26, 2],
    ["one that brought nothing for long", 0, 20, 262_144, 1],
  ])("%s (%d B/s, %d ms, chunks of %d) takes %4$d", (_, bytesPerSecond, roundTripMs, chunkBytes, legs) => {
    expect(pipelineDepth(bytesPerSecond, roundTripMs, { chunkBytes })).toBe(legs);
  });

  it.each([
    ["10 KB/s", 10_000, 2],
    ["100 KB/s", 100_000, 3],
    ["1 MB/s", 1_000_000, 17],
  ])("A peer of %s (%d B/s) with a connection for each request shows with %d what it can do", (_, rate, legs) => {
    expect(pipelineDepth(rate, 20, { chunkBytes: 262_144, connectsEach: true })).toBe(legs);
  });

  it("The pipeline is never shallower for a faster peer, nor for one that is farther away", () => {
    const positive = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(positive, positive, positive, positive, fc.boolean(), (rate, more, ms, longer, connectsEach) => {
        const cut = { chunkBytes: 100_000, connectsEach };
        const legs = pipelineDepth(rate, ms, cut);
        expect(pipelineDepth(rate + more, ms, cut)).toBeGreaterThanOrEqual(legs);
        expect(pipelineDepth(rate, ms + longer, cut)).toBeGreaterThanOrEqual(legs);
      }),
    );
  });
});

describe("RoundTripFloor", () => {
  it("The floor of round trips keeps the shortest, and never counts the wait behind other requests", () => {
    const floor = new RoundTripFloor();
    expect(floor.ms).toBeUndefined();
    floor.heard(80, 0, true);
    floor.heard(900, 1000, false);
    expect(floor.ms).toBe(80);
    floor.heard(70, 2000, false);
    expect(floor.ms).toBe(70);
    floor.heard(900, 60_000, false);
    floor.heard(90, 12_000, true);
    expect(floor.ms).toBe(70);
  });

  it("The floor of round trips believes in a longer way when a request that was alone says so, after ten seconds", () => {
    const floor = new RoundTripFloor();
    floor.heard(70, 0, true);
    floor.heard(90, 10_000, true);
    expect(floor.ms).toBe(70);
    floor.heard(90, 10_001, true);
    expect(floor.ms).toBe(90);
  });
});

/**
 * The most legs that a peer has at once when it is given all that it may have, after it was served for `seconds`. It serves its
 * requests one after another, at its rate, each after a round trip.
 */
function mostLegs(bytesPerSecond: number, roundTripMs: number, seconds = 60): number {
  const bench = new Bench({ chunkBytes: 100_000 });
  bench.start([peerNamed("A")]);
  let freeAt = 0;
  let chunk = 0;
  let most = 0;
  const ask = (): void => {
    const index = chunk++;
    const lease = bench.lease("A", index);
    const now = bench.scheduler.now();
    const firstByteAt = Math.max(freeAt, now + roundTripMs) + 1;
    freeAt = firstByteAt + 100_000_000 / bytesPerSecond;
    bench.scheduler.schedule(() => lease.received(1000), firstByteAt - now);
    bench.scheduler.schedule(() => {
      lease.received(99_000);
      lease.delivered();
      bench.pool.verified("A");
    }, freeAt - now);
    if (now > (seconds * 1000) / 2) most = Math.max(most, bench.state("A").inFlight);
  };
  // Somebody always stands in line.
  bench.seeking(1_000_000, () => {
    ask();
    return true;
  });
  bench.to(seconds * 1000);
  return most;
}

describe("legs in flight", () => {
  it("Legs in flight are one more than the peer serves in a tenth of a second, however long they make each other wait", () => {
    expect(mostLegs(50_000, 20)).toBe(2);
    expect(mostLegs(2_500_000, 20)).toBe(4);
    expect(mostLegs(2_500_000, 20, 600)).toBe(4);
  });

  it("Legs in flight are one more than the peer serves in two round trips when it is far away", () => {
    expect(mostLegs(250_000, 900)).toBe(6);
  });

  it("Legs in flight are no more than may be, however fast the peer is", () => {
    expect(mostLegs(20_000_000, 20)).toBe(8);
    expect(mostLegs(20_000_000, 2000)).toBe(8);
  });
});
