import { describe, expect, it } from "vitest";
import { encodeCatalogue } from "../../src/storage/encodeCatalogue.js";
import { parseCatalogue } from "../../src/storage/parseCatalogue.js";
import type { CatalogueContent } from "../../src/storage/Catalogue.js";
import type { SavedPeerRecord } from "../../src/storage/SavedPeerRecord.js";
import { noTotals, withRun } from "../../src/storage/Totals.js";
import { addDelta } from "../../src/storage/addDelta.js";
import { aRun } from "../contracts/catalogueContract.js";

const days = 24 * 3600 * 1000;
const known = (peers: Record<string, SavedPeerRecord>): CatalogueContent => ({ peers, totals: noTotals });
const added = (content: CatalogueContent, heard: Record<string, SavedPeerRecord>) =>
  addDelta(content, { peers: heard, run: aRun }).peers;

describe("a delta", () => {
  it("A delta adds its counts to what is left of the old ones, and has the last word on all else", () => {
    const old = { ok: 8, failed: 4, failures: 3, blacklistedUntil: 7, blacklistedFor: "TIMEOUT", heardAt: 0 } as const;
    const gain = { ok: 5, failed: 0, failures: 0, bytesPerSecond: 1000, heardAt: 14 * days };
    expect(added(known({ a: old }), { a: gain })).toEqual({ a: { ...gain, ok: 9, failed: 2 } });
  });

  it("A delta that comes late adds its counts, and changes nothing else", () => {
    const newer = { ok: 8, failed: 4, failures: 2, bytesPerSecond: 500, heardAt: 9000 };
    const late = { ok: 1, failed: 1, failures: 0, bytesPerSecond: 9, heardAt: 8000 };
    expect(added(known({ a: newer }), { a: late })).toEqual({ a: { ...newer, ok: 9, failed: 5 } });
  });

  it("A delta leaves peers alone that it does not speak of", () => {
    const a = { ok: 1, failed: 0, failures: 0, heardAt: 1 };
    expect(added(known({ a }), { b: a })).toEqual({ a, b: a });
  });

  it("A delta makes room by forgetting the peers that were not heard for longest: 2,000 are kept", () => {
    const many = Object.fromEntries(
      Array.from({ length: 2000 }, (_, heardAt) => [`ws://${heardAt}`, { ok: 1, failed: 0, failures: 0, heardAt }]),
    );
    const peers = added(known(many), { new: { ok: 1, failed: 0, failures: 0, heardAt: 1e12 } });
    expect(Object.keys(peers)).toHaveLength(2000);
    expect(peers).not.toHaveProperty(["ws://0"]);
    expect(peers).toHaveProperty(["ws://1"]);
    expect(peers).toHaveProperty("new");
  });
});

describe("totals", () => {
  it("Totals count runs by how they ended", () => {
    const ends = ["completed", "paused", "NO_PEERS", "NO_PEERS", "LOCAL_IO"] as const;
    const totals = ends.reduce((all, outcome, n) => withRun(all, { ...aRun, outcome, endedAt: n + 1 }), noTotals);
    expect(totals).toMatchObject({ runs: 5, completed: 1, paused: 1, failed: { NO_PEERS: 2, LOCAL_IO: 1 }, since: 1 });
  });

  it("Each figure of the totals is read back from a saved catalogue", () => {
    const totals = withRun(noTotals, aRun);
    expect(parseCatalogue(encodeCatalogue({ peers: {}, totals }))).toEqual({ peers: {}, totals });
  });

  it("Totals add up bytes, retries and recoveries, and keep the slowest", () => {
    const other = { ...aRun, resumed: true, waste: { duplicate: 1 }, retries: { TIMEOUT: 1 }, longestRecoveryMs: 1 };
    expect(withRun(withRun(noTotals, aRun), other)).toMatchObject({
      ...{
        resumed: 1,
        verified: 1800,
        received: 2000,
        waste: { checksum: 100, duplicate: 1 },
        retries: { TIMEOUT: 3 },
      },
      ...{ continuations: 2, switches: 4, troubledChunks: 6, recoveredChunks: 6, longestRecoveryMs: 4000 },
    });
  });
});
