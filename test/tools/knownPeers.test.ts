import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom, lastValueFrom, toArray } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { forgetPeers, knownPeers } from "../../src/node.js";
import { encodeCatalogue } from "../../src/storage/encodeCatalogue.js";
import type { SavedPeerRecord } from "../../src/storage/SavedPeerRecord.js";
import { noTotals } from "../../src/storage/Totals.js";
import { tempFolder } from "../tempFolder.js";

const now = Date.now();
const dayMs = 24 * 3_600_000;
const record = (more: Partial<SavedPeerRecord> = {}): SavedPeerRecord => ({ ok: 0, failed: 0, failures: 0, ...more });

let catalogue: string;

beforeEach(async () => {
  catalogue = join(await tempFolder(), "catalogue.json");
});

const leave = (peers: Readonly<Record<string, SavedPeerRecord>>): Promise<void> =>
  writeFile(catalogue, JSON.stringify(encodeCatalogue({ peers, totals: { ...noTotals, runs: 3 } })));
const known = () => lastValueFrom(knownPeers({ catalogue }).pipe(toArray()));
const kept = async (): Promise<unknown> => JSON.parse(await readFile(catalogue, "utf8"));

describe("the peers that downloads know", () => {
  it("The peer that was heard last comes first", async () => {
    await leave({ "ws://a": record({ heardAt: now - dayMs }), "ws://b": record({ heardAt: now }), "ws://c": record() });
    expect((await known()).map(({ peer }) => peer)).toEqual(["ws://b", "ws://a", "ws://c"]);
  });

  it("Counts of a peer halve in 14 days, and its success rate stays", async () => {
    await leave({ "ws://a": record({ ok: 30, failed: 10, heardAt: now - 14 * dayMs }) });
    const [peer] = await known();
    expect(peer?.ok).toBeCloseTo(15, 2);
    expect(peer?.failed).toBeCloseTo(5, 2);
    expect(peer?.successRate).toBeCloseTo(0.75);
  });

  it("A peer tells no rate, speed or round trip before any was measured", async () => {
    await leave({ "ws://a": record(), "ws://b": record({ bytesPerSecond: 5e6, roundTripMs: 20 }) });
    expect(await known()).toEqual([
      { peer: "ws://a", ok: 0, failed: 0, state: "ok", heardAt: 0 },
      { peer: "ws://b", ok: 0, failed: 0, bytesPerSecond: 5e6, roundTripMs: 20, state: "ok", heardAt: 0 },
    ]);
  });

  it("A peer is blacklisted until its time ends, with the reason", async () => {
    const until = now + 60_000;
    await leave({
      "ws://out": record({ blacklistedUntil: until, blacklistedFor: "TIMEOUT" }),
      "ws://back": record({ blacklistedUntil: now - 60_000, blacklistedFor: "TIMEOUT" }),
    });
    expect(await known()).toMatchObject([
      { peer: "ws://out", state: "blacklisted", blacklistedUntil: until, why: "TIMEOUT" },
      { peer: "ws://back", state: "ok" },
    ]);
    expect((await known())[1]).not.toHaveProperty("why");
  });

  it("A peer whose bytes were wrong is quarantined, with the reason", async () => {
    await leave({ "ws://liar": record({ quarantinedFor: "CHECKSUM_MISMATCH" }) });
    expect(await known()).toMatchObject([{ state: "quarantined", why: "CHECKSUM_MISMATCH" }]);
  });

  it("Where no download has run, nobody is known", async () => {
    expect(await known()).toEqual([]);
    expect(await lastValueFrom(knownPeers().pipe(toArray()))).toEqual([]);
  });

  it("A damaged catalogue fails with LOCAL_IO and is left as it is", async () => {
    await writeFile(catalogue, "{");
    await expect(known()).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: expect.stringContaining(`${catalogue} is no catalogue: `) as string,
    });
    expect(await readFile(catalogue, "utf8")).toBe("{");
  });

  it("A catalogue that cannot be read fails with LOCAL_IO", async () => {
    catalogue = await tempFolder();
    await expect(known()).rejects.toMatchObject({ code: "LOCAL_IO" });
  });
});

describe("peers that are forgotten", () => {
  const two = { "ws://a": record({ ok: 1 }), "ws://b": record({ ok: 2 }) };

  it("One peer is forgotten, and the others and the totals stay", async () => {
    await leave(two);
    expect(await firstValueFrom(forgetPeers({ peer: "ws://a" }, { catalogue }))).toBe(1);
    expect((await known()).map(({ peer }) => peer)).toEqual(["ws://b"]);
    expect(await kept()).toMatchObject({ totals: { runs: 3 } });
  });

  it("All peers are forgotten together, and the totals stay", async () => {
    await leave(two);
    expect(await firstValueFrom(forgetPeers("all", { catalogue }))).toBe(2);
    expect(await known()).toEqual([]);
    expect(await kept()).toMatchObject({ totals: { runs: 3 } });
  });

  it("A peer that nobody knows leaves the catalogue untouched", async () => {
    await leave(two);
    const before = await readFile(catalogue, "utf8");
    expect(await firstValueFrom(forgetPeers({ peer: "ws://c" }, { catalogue }))).toBe(0);
    expect(await readFile(catalogue, "utf8")).toBe(before);
    expect(await firstValueFrom(forgetPeers("all"))).toBe(0);
  });
});
