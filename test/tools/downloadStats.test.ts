import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom } from "rxjs";
import { beforeEach, expect, it } from "vitest";
import { downloadStats } from "../../src/node.js";
import { encodeCatalogue } from "../../src/storage/encodeCatalogue.js";
import { noTotals, type Totals } from "../../src/storage/Totals.js";
import { tempFolder } from "../tempFolder.js";

let catalogue: string;

beforeEach(async () => {
  catalogue = join(await tempFolder(), "catalogue.json");
});

async function statsOf(totals: Partial<Totals>) {
  await writeFile(catalogue, JSON.stringify(encodeCatalogue({ peers: {}, totals: { ...noTotals, ...totals } })));
  return firstValueFrom(downloadStats({ catalogue }));
}

it("Totals have their shares: of runs completed, of chunks recovered, of bytes in vain", async () => {
  const totals = {
    ...{ runs: 10, completed: 6, paused: 2, failed: { TIMEOUT: 1, NO_PEERS: 1 } },
    ...{ troubledChunks: 8, recoveredChunks: 6, received: 1000, waste: { restart: 100, duplicate: 150 } },
  };
  expect(await statsOf(totals)).toEqual({
    ...noTotals,
    ...totals,
    completionShare: 0.75,
    recoveryShare: 0.75,
    wasteShare: 0.25,
  });
});

it("A share of nothing is absent", async () => {
  expect(await statsOf({ runs: 1, paused: 1 })).toEqual({ ...noTotals, runs: 1, paused: 1 });
});

it("Where no download has run, the totals are those of nothing", async () => {
  expect(await firstValueFrom(downloadStats())).toEqual(noTotals);
});

it("Totals of a damaged catalogue fail with LOCAL_IO", async () => {
  await writeFile(catalogue, "[]");
  await expect(firstValueFrom(downloadStats({ catalogue }))).rejects.toMatchObject({ code: "LOCAL_IO" });
});
