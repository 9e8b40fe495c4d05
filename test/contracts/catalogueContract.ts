import { lastValueFrom, merge, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Catalogue, CatalogueDelta } from "../../src/storage/Catalogue.js";
import type { RunSummary } from "../../src/storage/Totals.js";
import { noTotals } from "../../src/storage/Totals.js";

export const aRun: RunSummary = {
  outcome: "completed",
  endedAt: 1e12,
  resumed: false,
  verified: 900,
  received: 1000,
  waste: { checksum: 100 },
  retries: { TIMEOUT: 2 },
  continuations: 1,
  switches: 2,
  troubledChunks: 3,
  recoveredChunks: 3,
  longestRecoveryMs: 4000,
};

/** A delta with everything in it. */
export const aDelta: CatalogueDelta = {
  peers: {
    "ws://a": {
      ...{ ok: 2, failed: 1, failures: 3, bytesPerSecond: 1e6, roundTripMs: 3.5 },
      ...{ blacklistedUntil: 1e12 + 300_000, blacklistedFor: "TIMEOUT", heardAt: 1e12 },
    },
    "ws://b": { ok: 0, failed: 1, failures: 0, quarantinedFor: "CHECKSUM_MISMATCH", heardAt: 1e12 },
  },
  run: aRun,
};

/** Every Catalogue does this. `house` gives one over the same, at first empty, place each time that its answer is called. */
export function catalogueContract(name: string, house: () => Promise<() => Catalogue>): void {
  const loaded = (catalogue: Catalogue) => lastValueFrom(catalogue.load());
  const learnt = (catalogue: Catalogue, ...deltas: readonly CatalogueDelta[]) =>
    lastValueFrom(merge(...deltas.map((delta) => catalogue.record(delta))).pipe(toArray()));

  describe(`${name} as a Catalogue`, () => {
    it("A catalogue knows nothing at first", async () => {
      const catalogue = (await house())();
      expect(await loaded(catalogue)).toEqual({ peers: {}, totals: noTotals });
    });

    it("A catalogue gives back what it learned, also to the next one, and has nothing to say", async () => {
      const open = await house();
      const catalogue = open();
      expect(await learnt(catalogue, aDelta)).toEqual([]);
      const { peers, totals } = await loaded(catalogue);
      expect(peers).toEqual(aDelta.peers);
      expect(totals).toMatchObject({ runs: 1, completed: 1, received: 1000, retries: { TIMEOUT: 2 }, since: 1e12 });
      expect(await loaded(open())).toEqual({ peers, totals });
    });

    it("A catalogue adds up what several learn at once", async () => {
      const open = await house();
      const [one, two] = [open(), open()];
      await Promise.all([learnt(one, aDelta, aDelta, aDelta), learnt(two, aDelta, aDelta)]);
      const { peers, totals } = await loaded(one);
      expect(peers["ws://a"]).toEqual({ ...aDelta.peers["ws://a"], ok: 10, failed: 5 });
      expect(totals).toMatchObject({ runs: 5, switches: 10, waste: { checksum: 500 }, longestRecoveryMs: 4000 });
    });

    it("A catalogue learns nothing before somebody subscribes", async () => {
      const catalogue = (await house())();
      catalogue.record(aDelta);
      expect(await loaded(catalogue)).toMatchObject({ totals: { runs: 0 } });
    });

    it("A catalogue learns to the end when it is unsubscribed", async () => {
      const catalogue = (await house())();
      catalogue.record(aDelta).subscribe().unsubscribe();
      expect(await loaded(catalogue)).toMatchObject({ totals: { runs: 1 } });
    });
  });
}
