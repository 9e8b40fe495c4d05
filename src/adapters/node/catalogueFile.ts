import { dirname } from "node:path";
import { concatMap, EMPTY, firstValueFrom, of } from "rxjs";
import type { Catalogue, CatalogueContent, LoadedCatalogue } from "../../storage/Catalogue.js";
import { encodeCatalogue } from "../../storage/encodeCatalogue.js";
import type { Damage } from "../../storage/parseCheckpoint.js";
import { noTotals } from "../../storage/Totals.js";
import { addDelta } from "../../storage/addDelta.js";
import { removeDrafts } from "./drafts.js";
import { makeFolder } from "./makeFolder.js";
import { readJson, setAside, writeJson } from "./jsonRecord.js";
import { turns } from "./turns.js";
import { withLock } from "./withLock.js";

const nothing: CatalogueContent = { peers: {}, totals: noTotals };

/**
 * Keeps what downloads learn in the JSON file `path`, for its owner's eyes only. Each change reads the file, changes it and
 * replaces it while `<path>.lock` is held, so that processes which end at once lose nothing of each other.
 *
 * A damaged file is renamed to `<path>.damaged`, with a notice; one of a newer version is left as it is. All that fails is
 * `LOCAL_IO`.
 */
export function catalogueFile(path: string): Catalogue {
  const inTurn = turns(path);
  return {
    load: () =>
      inTurn("read", async (): Promise<LoadedCatalogue> => {
        const found = await readCatalogue(path);
        // Others may be at it: whether it is damaged is decided by the one who holds the lock.
        return "damage" in found ? firstValueFrom(withLock(path, () => mended(path))) : found;
      }),
    record: (delta) =>
      inTurn("write", () => changeCatalogue(path, (known) => addDelta(known, delta))).pipe(
        concatMap(({ notice }) => (notice === undefined ? EMPTY : of(notice))),
      ),
  };
}

/** Puts the changed content in the place of the old one; emits what it was, and what the user should know. */
export async function changeCatalogue(
  path: string,
  changed: (known: CatalogueContent) => CatalogueContent,
): Promise<LoadedCatalogue> {
  await makeFolder(dirname(path), { mode: 0o700 });
  return firstValueFrom(
    withLock(path, async () => {
      const known = await mended(path);
      await removeDrafts(path);
      const { peers, totals } = changed(known);
      await writeJson(path, encodeCatalogue({ peers, totals }), { mode: 0o600 });
      return known;
    }),
  );
}

/** The content of a catalogue, empty where there is no file, or its damage; changes nothing on the disk. */
export async function readCatalogue(path: string): Promise<CatalogueContent | Damage> {
  const json = await readJson(path);
  if (json === undefined) return nothing;
  if (json instanceof SyntaxError) return { damage: json.message };
  // Loaded when there is something to check.
  const { parseCatalogue } = await import("../../storage/parseCatalogue.js");
  return parseCatalogue(json);
}

/** The content of a catalogue; empty, with a notice, after a damaged file was set aside. */
async function mended(path: string): Promise<LoadedCatalogue> {
  const found = await readCatalogue(path);
  if (!("damage" in found)) return found;
  const kept = await setAside(path);
  const notice = `What was known of peers was unreadable (${found.damage}) and is kept as ${kept}; it is learned anew`;
  return { ...nothing, notice };
}
