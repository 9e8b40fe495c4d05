import { describe, expect, it } from "vitest";
import { PeerCapacity } from "../../src/peers/PeerCapacity.js";
import { PoolContext } from "../../src/peers/PoolContext.js";
import { VirtualClock } from "../../src/testing/VirtualClock.js";
import { peerNamed, poolDefaults } from "./bench.js";

/** How long the next leg waits, ms, when one of 256 KiB has begun at a peer of 4 MB/s that bears eight. */
function waitAfterLeg(connectsEach: boolean, roundTripMs: number): number {
  const pool = new PoolContext(new VirtualClock(), poolDefaults);
  const capacity = new PeerCapacity(pool, { bytesPerSecond: 4_000_000, roundTripMs }, 8);
  capacity.legBegan(262_144, { ...peerNamed("A"), connectsEach });
  return capacity.waitMs(1);
}

describe("PeerCapacity", () => {
  it("Legs of one connection begin most of their own time apart, so that they take turns on it", () => {
    expect(waitAfterLeg(false, 30)).toBe(53);
  });

  it("Legs that have a connection each begin a round trip apart, and no later than those of one connection", () => {
    expect(waitAfterLeg(true, 30)).toBe(30);
    expect(waitAfterLeg(true, 400)).toBe(53);
  });

  it("Legs that have a connection each begin at once where the round trip is shorter than a timer's", () => {
    expect(waitAfterLeg(true, 2)).toBe(0);
  });
});
