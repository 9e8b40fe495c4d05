import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { defer, ignoreElements } from "rxjs";
import type { Manifest } from "../../manifest/Manifest.js";
import { encodeManifest } from "../../storage/encodeManifest.js";
import type { ManifestStore } from "../../storage/ManifestStore.js";
import type { Damage } from "../../storage/parseCheckpoint.js";
import { type Disk, systemDisk } from "./Disk.js";
import { removeDrafts } from "./drafts.js";
import { readJson, writeJson } from "./jsonRecord.js";
import { sha256 } from "./sha256.js";
import { syncFolder } from "./syncFolder.js";
import { turns } from "./turns.js";

/** Room for the digests of the most chunks that a manifest may have. */
const maxBytes = 48 * 1024 * 1024;

/**
 * Keeps the manifest of an unfinished file in the JSON file `path`, `<out>.part.hashes`, each of which replaces the whole file or does not. One that is damaged
 * stays until the next is saved.
 */
export function manifestFile(path: string, disk: Disk = systemDisk): ManifestStore {
  const inTurn = turns(path);
  return {
    load: (root) => inTurn("read", () => load(path, root, disk)),
    save: (manifest) =>
      defer(() => {
        const json = encodeManifest(manifest);
        return inTurn("write", () => save(path, json, disk));
      }).pipe(ignoreElements()),
    clear: () => inTurn("remove", () => clear(path, disk)).pipe(ignoreElements()),
  };
}

async function load(path: string, root: string, disk: Disk): Promise<Manifest | Damage | undefined> {
  const json = await readJson(path, disk, maxBytes);
  if (json === undefined) return undefined;
  // Loaded when there is something to check.
  const { parseManifest } = await import("../../storage/parseManifest.js");
  return parseManifest(json, { root, name: path, sha256 });
}

async function save(path: string, json: object, disk: Disk): Promise<void> {
  await removeDrafts(path, disk);
  if (!isDeepStrictEqual(await readJson(path, disk, maxBytes), json)) await writeJson(path, json, { disk });
}

async function clear(path: string, disk: Disk): Promise<void> {
  await disk.rm(path, { force: true });
  await removeDrafts(path, disk);
  await syncFolder(dirname(path), disk);
}
