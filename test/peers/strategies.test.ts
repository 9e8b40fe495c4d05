import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PeerRecord } from "../../src/peers/PeerRecord.js";
import { unknownPeer } from "../../src/peers/PeerRecord.js";
import type { Contender } from "../../src/peers/strategies.js";
import { normal, strategyNames, strategyOf, withTieBreak } from "../../src/peers/strategies.js";
import { Bench, peerNamed } from "./bench.js";
import { chance } from "../chance.js";

const MB = 1_000_000;
const served = { ok: 10, failed: 0, failures: 0, bytesPerSecond: MB, roundTripMs: 20 };

function contender(record: Partial<PeerRecord>, others: Partial<Contender> = {}): Contender {
  const known = { ...unknownPeer, ...record };
  return { record: known, inFlight: 0, bytes: 0, chunkBytes: 100_000, random: () => 0.5, ...others };
}

/** The names of those contenders, best first. */
function order(name: (typeof strategyNames)[number], contenders: Readonly<Record<string, Contender>>): string {
  const strategy = strategyOf(name);
  const scored = Object.entries(contenders).map(([id, each]) => [id, strategy(each)] as const);
  return scored
    .sort(([, a], [, b]) => a - b)
    .map(([id]) => id)
    .join(" ");
}

describe("balanced", () => {
  it("The strategy balanced prefers the unknown, then who will be done first, what is under way included", () => {
    const fast = { ...served, bytesPerSecond: 3 * MB };
    expect(
      order("balanced", {
        slow: contender(served),
        loaded: contender(fast, { inFlight: 3 }),
        unknownAndBusy: contender({}, { inFlight: 1 }),
        fast: contender(fast),
        unknown: contender({}),
      }),
    ).toBe("unknown fast slow loaded unknownAndBusy");
  });
});

describe("fastest", () => {
  it("The strategy fastest prefers the unknown, then the higher rate, then the shorter round trip, whatever is under way", () => {
    expect(
      order("fastest", {
        slow: contender({ ...served, roundTripMs: 1 }),
        far: contender({ ...served, bytesPerSecond: 2 * MB, roundTripMs: 90_000 }),
        unknownAndBusy: contender({}, { inFlight: 1 }),
        near: contender({ ...served, bytesPerSecond: 2 * MB, roundTripMs: 5, failed: 9 }, { inFlight: 7 }),
        unknown: contender({}),
        fastest: contender({ ...served, bytesPerSecond: 2.1 * MB, roundTripMs: 500 }),
      }),
    ).toBe("unknown fastest near far slow unknownAndBusy");
  });

  it("The strategy fastest puts an unknown peer that only fails behind one that is known to be slow", () => {
    const failing = contender({ failed: 200 });
    expect(order("fastest", { failing, slow: contender(served) })).toBe("slow failing");
  });
});

describe("most-reliable", () => {
  it("The strategy most-reliable prefers the higher success rate, then the faster", () => {
    expect(
      order("most-reliable", {
        flaky: contender({ ...served, ok: 10, failed: 10, bytesPerSecond: 100 * MB }),
        sure: contender({ ...served, ok: 100 }),
        unknown: contender({}),
        sureAndFast: contender({ ...served, ok: 101, bytesPerSecond: 2 * MB }),
        sureButUnmeasured: contender({ ok: 100 }),
        unmeasured: contender({ failed: 9 }),
      }),
    ).toBe("sureAndFast sure sureButUnmeasured unknown flaky unmeasured");
  });
});

describe("load-balanced", () => {
  it("The strategy load-balanced prefers the fewest legs under way, then the fewest bytes", () => {
    expect(
      order("load-balanced", {
        two: contender(served, { inFlight: 2 }),
        oneMuch: contender(served, { inFlight: 1, bytes: 50_000 * MB }),
        noneMuch: contender({ failed: 9 }, { bytes: 50_000 * MB }),
        noneMore: contender(served, { bytes: 50_000 * MB + 65_536 }),
        one: contender({}, { inFlight: 1 }),
        none: contender(served, { bytes: 1 }),
      }),
    ).toBe("none noneMuch noneMore one oneMuch two");
  });
});

describe("thompson", () => {
  /** How many times of a thousand each is the best. */
  function wins(contenders: readonly Contender[], seed: number): readonly number[] {
    const random = chance(seed);
    const counts = contenders.map(() => 0);
    for (let i = 0; i < 1000; i++) {
      const scores = contenders.map((each) => strategyOf("thompson")({ ...each, random }));
      const best = scores.indexOf(Math.min(...scores));
      counts[best] = (counts[best] ?? 0) + 1;
    }
    return counts;
  }

  it("The strategy thompson mostly asks the faster, and sometimes a peer of which little is known", () => {
    const [fast = 0, slow = 0, unknown = 0] = wins(
      [contender(served), contender({ ...served, bytesPerSecond: MB / 10 }), contender({})],
      1,
    );
    expect(slow).toBe(0);
    expect(unknown).toBeGreaterThan(200);
    expect(fast).toBeGreaterThan(200);
  });

  it.each([
    [0, 0.5],
    [1, 0.5],
    [4, 0.25],
    [16, 0.125],
    [20, 0.5 / Math.sqrt(20)],
    [500, 0.5 / Math.sqrt(20)],
  ])(
    "The strategy thompson doubts a rate that %d legs told by %d, as a deviation of its logarithm",
    (ok, deviation) => {
      const random = () => 0.9;
      const score = strategyOf("thompson")(contender({ ok, bytesPerSecond: MB }, { random }));
      const drawn = 1e8 / (score * ((ok + 1) / (ok + 1.5)));
      expect(Math.log(drawn / MB) / normal(random)).toBeCloseTo(deviation, 9);
    },
  );

  it("The strategy thompson explores every unknown peer, whatever the seed", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 12 }), (seed, count) => {
        const unknowns = Array.from({ length: count }, () => contender({}));
        expect(Math.min(...wins(unknowns, seed))).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  it("The strategy thompson draws again for a peer to which nothing happens, while others are busy", () => {
    const config = { strategy: strategyOf("thompson"), random: chance(3), maxPerPeer: 1 };
    const bench = new Bench(config, { known: { ...served, ok: 50, bytesPerSecond: 5 * MB } });
    bench.start([peerNamed("known"), peerNamed("new")]);
    const firsts = new Set<string>();
    for (let i = 0; i < 200; i++) {
      firsts.add(bench.canBeAsked()[0] ?? "nobody");
      bench.deliver("known");
    }
    expect([...firsts].sort()).toEqual(["known", "new"]);
  });
});

describe("normal", () => {
  it("The normal distribution has mean 0 and deviation 1", () => {
    const random = chance(4);
    const draws = Array.from({ length: 20_000 }, () => normal(random));
    const mean = draws.reduce((sum, each) => sum + each, 0) / draws.length;
    const variance = draws.reduce((sum, each) => sum + (each - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  it("The normal distribution is finite at both ends of chance", () => {
    for (const drawn of [0, 1 - 2 ** -53, 1]) expect(normal(() => drawn)).toSatisfy(Number.isFinite);
  });
});

describe("every strategy", () => {
  const records: fc.Arbitrary<PeerRecord> = fc.record(
    {
      ok: fc.double({ min: 0, max: 1e9, noNaN: true }),
      failed: fc.double({ min: 0, max: 1e9, noNaN: true }),
      failures: fc.nat(),
      bytesPerSecond: fc.double({ min: 0, max: 1e12, noNaN: true }),
      roundTripMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    },
    { requiredKeys: ["ok", "failed", "failures"] },
  );
  const contenders = fc.record({
    record: records,
    inFlight: fc.nat(1000),
    bytes: fc.nat(Number.MAX_SAFE_INTEGER),
    chunkBytes: fc.integer({ min: 1, max: 2 ** 26 }),
  });

  it.each(strategyNames)("%s scores every record, so that any two can be compared", (name) => {
    fc.assert(
      fc.property(contenders, fc.double({ min: 0, max: 1, noNaN: true }), (each, drawn) => {
        expect(strategyOf(name)({ ...each, random: () => drawn })).not.toBeNaN();
      }),
      { numRuns: 300 },
    );
  });

  it.each(strategyNames.filter((name) => name !== "thompson"))("%s leaves nothing to chance", (name) => {
    fc.assert(
      fc.property(contenders, (each) => {
        const random = (): number => {
          throw new Error("drawn");
        };
        const strategy = strategyOf(name);
        expect(strategy({ ...each, random })).toBe(strategy({ ...each, random }));
      }),
    );
  });

  it("Fewer bytes on an otherwise equal peer are preferred under load-balanced, however many they are", () => {
    fc.assert(
      fc.property(contenders, fc.nat(2 ** 40), fc.integer({ min: 65_536, max: 2 ** 40 }), (each, bytes, more) => {
        const score = (of: number) => strategyOf("load-balanced")({ ...each, inFlight: 8, bytes: of, random: () => 0 });
        expect(score(bytes)).toBeLessThan(score(bytes + more));
      }),
    );
  });
});

describe("withTieBreak", () => {
  it("The second number of a rank never outweighs the first", () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, noNaN: true }), fc.double({ min: 0, noNaN: true }), (whole, a, b) => {
        expect(withTieBreak(whole, a, 1000)).toBeLessThan(withTieBreak(whole + 1, b, 1000));
      }),
    );
  });
});

describe("strategyOf", () => {
  it("A strategy is a name or a function", () => {
    const own = () => 0;
    expect(strategyOf(own)).toBe(own);
    for (const name of strategyNames) expect(strategyOf(name)).toBeTypeOf("function");
  });

  it.each([["fast"], [""], ["toString"], [5], [null]])(
    "A strategy %j is refused, with those that there are",
    (given) => {
      const refused = () => strategyOf(given as "fastest");
      expect(refused).toThrow(TypeError);
      expect(refused).toThrow(
        `strategy is ${JSON.stringify(given)}; it must be "balanced", "fastest", "most-reliable", "load-balanced", "thompson" or a function`,
      );
    },
  );
});
