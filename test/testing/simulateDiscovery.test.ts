import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verdicts } from "../../src/errors/verdicts.js";
import type { Fate } from "../../src/testing/SimulatedMirror.js";
import {
  type DiscoveryOutcome,
  type DiscoveryPeer,
  type DiscoveryScript,
  simulateDiscovery,
} from "../../src/testing/simulateDiscovery.js";

const passing: readonly Fate[] = [
  "TIMEOUT",
  "CONNECTION_RESET",
  "CONNECTION_REFUSED",
  "PEER_UNAVAILABLE",
  "NETWORK_DOWN",
];
const lasting: readonly Fate[] = ["FILE_NOT_FOUND", "AUTH_FAILED", "CHECKSUM_MISMATCH", "PROTOCOL_ERROR"];
const busy: readonly Fate[] = ["PEER_BUSY", "RATE_LIMITED"];

const anyFate = fc.constantFrom<Fate>("answers", "silent", ...passing, ...lasting, ...busy);
const anyPeer = (id: string): fc.Arbitrary<DiscoveryPeer> =>
  fc.record({
    id: fc.constant(id),
    fates: fc.array(anyFate, { minLength: 1, maxLength: 5 }),
    latencyMs: fc.constantFrom(1, 20, 400, 3000),
    isStale: fc.boolean(),
    ranges: fc.constantFrom(true, true, true, false),
  });
const anyPeers = fc
  .integer({ min: 1, max: 6 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => anyPeer(`http://m${n}/file.bin`))));
const anySleep = fc.option(fc.record({ atMs: fc.nat(20_000), forMs: fc.constant(7_200_000) }), { nil: undefined });
const anyScript: fc.Arbitrary<DiscoveryScript> = fc
  .record({ seed: fc.nat(), question: fc.constantFrom("manifest", "mirror"), peers: anyPeers, sleep: anySleep })
  .map(({ sleep, ...script }) => ({ ...script, ...(sleep && { sleep }) }));

const holds = (law: (script: DiscoveryScript, outcome: DiscoveryOutcome) => void): void => {
  fc.assert(fc.property(anyScript, (script) => law(script, simulateDiscovery(script))));
};
const retriesOf = ({ events }: DiscoveryOutcome): number =>
  events.filter(({ type }) => type === "question-retried").length;

describe("whatever becomes of the questions of a discovery", () => {
  it("it ends exactly once, with a file or with an error", () => {
    holds((_, { ends, known, error }) => {
      expect(ends).toBe(1);
      expect([known === undefined, error === undefined]).toContain(true);
      expect(known ?? error).toBeDefined();
    });
  });

  it("a manifest is found where somebody answers at once", () => {
    holds((script) => {
      const good: DiscoveryPeer = { id: "ws://good", fates: ["answers"] };
      const { known, asked } = simulateDiscovery({ ...script, question: "manifest", peers: [...script.peers, good] });
      expect(known?.facts.digests).toBeDefined();
      expect(asked.map(({ fate }) => fate)).toContain("answers");
    });
  });

  it("nobody is asked for a manifest again who refused it for good", () => {
    holds(({ seed, peers }) => {
      const { asked } = simulateDiscovery({ seed, question: "manifest", peers });
      for (const [n, { peer, fate }] of asked.entries()) {
        if (!lasting.includes(fate)) continue;
        expect(asked.slice(n + 1).filter((later) => later.peer === peer)).toEqual([]);
      }
    });
  });

  it("a busy peer is left alone for a second at least", () => {
    holds(({ seed, peers }) => {
      const { asked } = simulateDiscovery({ seed, question: "manifest", peers });
      for (const [n, { peer, fate, atMs }] of asked.entries()) {
        if (!busy.includes(fate)) continue;
        const next = asked.slice(n + 1).find((later) => later.peer === peer);
        if (next !== undefined) expect(next.atMs - atMs).toBeGreaterThanOrEqual(1000);
      }
    });
  });

  it("a failure is that of a peer, or says that there is nobody left", () => {
    holds((_, { error }) => {
      if (error !== undefined) expect(Object.keys(verdicts)).toContain(error.code);
    });
  });

  it("no mirror is used whose bytes are not those of the majority", () => {
    holds(({ seed, peers: drawn }) => {
      const answering = drawn.map((peer): DiscoveryPeer => ({
        ...peer,
        fates: ["answers"],
        latencyMs: 5,
        ranges: true,
      }));
      const { peers } = simulateDiscovery({ seed, question: "mirror", peers: answering });
      const stale = answering.filter(({ isStale }) => isStale);
      const isStaleUsed = peers.some(({ id }) => stale.some((peer) => peer.id === id));
      const isRightUsed = peers.some(({ id }) => !stale.some((peer) => peer.id === id));
      expect(isStaleUsed && isRightUsed).toBe(false);
      if (stale.length * 2 > answering.length) expect(isRightUsed).toBe(false);
      if (stale.length * 2 < answering.length) expect(isStaleUsed).toBe(false);
    });
  });

  it("the same script gives the same discovery", () => {
    holds((script, { asked, events }) => {
      const again = simulateDiscovery(script);
      expect([again.asked, again.events]).toEqual([asked, events]);
    });
  });
});

describe("a machine that sleeps while it is found out what a file is", () => {
  const slow = { id: "ws://slow", fates: ["answers"], latencyMs: 3000 } as const;
  const sleep = { atMs: 1000, forMs: 7_200_000 };

  it.each(["manifest", "mirror"] as const)(
    "asks again for what was under way (%s), at the cost of no retry",
    (question) => {
      const outcome = simulateDiscovery({ seed: 1, question, peers: [{ ...slow, id: "http://slow/file.bin" }], sleep });
      expect(outcome.known).toBeDefined();
      expect(retriesOf(outcome)).toBe(0);
      expect(outcome.asked).toHaveLength(2);
      expect(outcome.events).toContainEqual(
        expect.objectContaining({ type: "notice", message: "Going on: the machine slept for 2 h 00 min" }),
      );
    },
  );

  it("has its patience left when it wakes", () => {
    const silent = { id: "ws://silent", fates: ["silent"] } as const;
    const { error, endedAtMs } = simulateDiscovery({ seed: 1, question: "manifest", peers: [silent], sleep });
    expect(error?.code).toBe("RETRIES_EXHAUSTED");
    expect(endedAtMs).toBeGreaterThan(sleep.forMs + 60_000);
  });
});

describe("a machine without a network", () => {
  it("waits for it, and blames nobody", () => {
    const down = Array<Fate>(3).fill("NETWORK_DOWN");
    const peers = ["http://a/f", "http://b/f"].map((id): DiscoveryPeer => ({ id, fates: [...down, "answers"] }));
    const { known, events } = simulateDiscovery({ seed: 1, question: "mirror", peers });
    expect(known).toBeDefined();
    expect(events.filter(({ type }) => type === "waiting").length).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === "question-failed")).toEqual([]);
  });

  it("fails as such when it stays away for longer than it may", () => {
    const peers: readonly DiscoveryPeer[] = [{ id: "http://a/f", fates: ["NETWORK_DOWN"] }];
    const { error } = simulateDiscovery({ seed: 1, question: "mirror", peers, retry: { maxOfflineSecs: 30 } });
    expect(error?.code).toBe("NETWORK_DOWN");
  });
});
