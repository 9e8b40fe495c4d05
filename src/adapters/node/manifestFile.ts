import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { defer, ignoreElements } from "rxjs";
import type { Manifest } from "../../manifest/Manifest.js";
import { encodeManifest } from "../../storage/encodeManifest.js";
import type { ManifestStore } from "../../storage/ManifestStore.js";
import type { Damage } from "../../storage/parseCheckpoint.js";
import { removeDrafts } from "./drafts.js";
import { readJson, writeJson } from "./jsonRecord.js";
import { sha256 } from "./sha256.js";
import { syncFolder } from "./syncFolder.js";
import { turns } from "./turns.js";

/** Room for the digests of the most chunks that a manifest may have. */
const maxBytes = 48 * 1024 * 1024;

/** Keeps the manifest of an unfinished file in the JSON file `path`, `<out>.part.hashes`, which is replaced as a whole. One that is damaged, or another file's, is left as it is until the next is saved. */
export function manifestFile(path: string): ManifestStore {
  const inTurn = turns(path);
  return {
    load: (root) => inTurn("read", () => load(path, root)),
    save: (manifest) =>
      defer(() => {
        const json = encodeManifest(manifest);
        return inTurn("write", () => writeJson(path, json));
      }).pipe(ignoreElements()),
    clear: () =>
      inTurn("remove", async () => {
        await rm(path, { force: true });
        await removeDrafts(path);
        await syncFolder(dirname(path));
      }).pipe(ignoreElements()),
  };
}

async function load(path: string, root: string): Promise<Manifest | Damage | undefined> {
  const json = await readJson(path, undefined, maxBytes);
  if (json === undefined) return undefined;
  if (json instanceof SyntaxError) return { damage: json.message };
  // Loaded when there is something to check.
  const { parseManifest } = await import("../../storage/parseManifest.js");
  return parseManifest(json, root, sha256);
}
