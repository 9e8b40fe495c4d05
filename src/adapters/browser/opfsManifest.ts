import { defer, ignoreElements } from "rxjs";
import type { Manifest } from "../../manifest/Manifest.js";
import { encodeManifest } from "../../storage/encodeManifest.js";
import type { ManifestStore } from "../../storage/ManifestStore.js";
import type { Damage } from "../../storage/parseCheckpoint.js";
import { fileInOpfs, jsonOf, opfsTurns, removeFromOpfs, replaceInOpfs } from "./opfsFiles.js";
import { sha256 } from "./sha256.js";

/** Keeps the manifest of an unfinished file in a JSON file of the origin's private file system. */
export function opfsManifest(name: string): ManifestStore {
  const inTurn = opfsTurns(name);
  return {
    load: (root) => inTurn("read", () => load(name, root)),
    save: (manifest) =>
      defer(() => {
        const json = JSON.stringify(encodeManifest(manifest));
        return inTurn("write", () => save(name, json));
      }).pipe(ignoreElements()),
    clear: () => inTurn("remove", () => removeFromOpfs(name)).pipe(ignoreElements()),
  };
}

async function save(name: string, json: string): Promise<void> {
  if ((await (await fileInOpfs(name))?.text()) !== json) await replaceInOpfs(name, json);
}

async function load(name: string, root: string): Promise<Manifest | Damage | undefined> {
  const text = await (await fileInOpfs(name))?.text();
  if (text === undefined) return undefined;
  // Loaded when there is something to check.
  const { parseManifest } = await import("../../storage/parseManifest.js");
  return parseManifest(jsonOf(text), { root, name, sha256 });
}
