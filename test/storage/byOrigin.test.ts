import { firstValueFrom, lastValueFrom } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryCatalogue } from "../../src/adapters/memory/memoryCatalogue.js";
import { byOrigin } from "../../src/storage/byOrigin.js";
import { aRun } from "../contracts/catalogueContract.js";

const record = (ok: number, heardAt: number) => ({
  ok,
  failed: 1,
  failures: 0,
  bytesPerSecond: 1000 * heardAt,
  heardAt,
});
const files = ["http://m.example/a/film.mkv", "http://m.example/b/film.mkv"] as const;

describe("a catalogue by origin", () => {
  it("A catalogue by origin keeps one record for all files of a server, with the counts of all, and no name of a file", async () => {
    const catalogue = memoryCatalogue();
    const heard = { [files[0]]: record(2, 5), [files[1]]: record(3, 4), "ws://s.example:9001": record(1, 6) };
    await lastValueFrom(byOrigin(catalogue, files).record({ peers: heard, run: aRun }), { defaultValue: undefined });
    const { peers } = await firstValueFrom(catalogue.load());
    expect(peers).toEqual({
      "http://m.example": { ...record(5, 5), failed: 2 },
      "ws://s.example:9001": record(1, 6),
    });
  });

  it("A catalogue by origin tells each file of a server what is known of the server", async () => {
    const catalogue = memoryCatalogue();
    const learned = byOrigin(catalogue, []).record({ peers: { [files[0]]: record(2, 5) }, run: aRun });
    await lastValueFrom(learned, { defaultValue: undefined });
    const { peers } = await firstValueFrom(byOrigin(catalogue, [files[1], "http://other.example/x"]).load());
    expect(peers[files[1]]).toEqual(record(2, 5));
    expect(Object.keys(peers).sort()).toEqual([files[1], "http://m.example"].sort());
  });
});
