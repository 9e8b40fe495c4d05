import { concat, defer, EMPTY, firstValueFrom, of, throwError } from "rxjs";
import { expect, it } from "vitest";
import { memoryCatalogue } from "../../src/adapters/memory/memoryCatalogue.js";
import { countFailure } from "../../src/discovery/countFailure.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Catalogue } from "../../src/storage/Catalogue.js";

const gone = new DownloadError("FILE_NOT_FOUND_ANYWHERE", "gone");

async function failWith(catalogue: Catalogue | undefined): Promise<readonly string[]> {
  const told: string[] = [];
  const failing = throwError(() => gone).pipe(
    countFailure(catalogue, { now: () => 5, onTrouble: (text) => told.push(text) }),
  );
  await expect(firstValueFrom(failing)).rejects.toBe(gone);
  return told;
}

it("A failure before the first request is counted among all downloads, and passes", async () => {
  const catalogue = memoryCatalogue();
  expect(await failWith(catalogue)).toEqual([]);
  expect(await firstValueFrom(catalogue.load())).toMatchObject({
    totals: { runs: 1, failed: { FILE_NOT_FOUND_ANYWHERE: 1 }, since: 5 },
  });
});

it("A failure passes as it is where nothing is to be counted", async () => {
  expect(await failWith(undefined)).toEqual([]);
});

it("The word of a catalogue that was mended while a failure was counted is told", async () => {
  expect(await failWith({ load: () => EMPTY, record: () => of("it was damaged") })).toEqual(["it was damaged"]);
});

it("A failure that cannot be counted passes all the same, and the trouble is told", async () => {
  const full = new DownloadError("LOCAL_IO", "the disk is full");
  expect(await failWith({ load: () => EMPTY, record: () => throwError(() => full) })).toEqual([
    "This failure could not be counted: the disk is full",
  ]);
});

it("Nothing is counted of what does not fail", async () => {
  const catalogue = memoryCatalogue();
  const fine = concat(
    of(1),
    defer(() => of(2)),
  ).pipe(countFailure(catalogue, { now: () => 5, onTrouble: () => undefined }));
  expect(await firstValueFrom(fine)).toBe(1);
  expect(await firstValueFrom(catalogue.load())).toMatchObject({ totals: { runs: 0 } });
});
