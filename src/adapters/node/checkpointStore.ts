import { dirname } from "node:path";
import { defer, ignoreElements, map, type Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import { encodeCheckpoint } from "../../storage/encodeCheckpoint.js";
import type { CheckpointOf, Damage } from "../../storage/parseCheckpoint.js";
import type { ProgressStore, UnreadableCheckpoint } from "../../storage/ProgressStore.js";
import { type Disk, systemDisk } from "./Disk.js";
import { removeDrafts } from "./drafts.js";
import { readJson, setAside, writeJson } from "./jsonRecord.js";
import { syncFolder } from "./syncFolder.js";
import { turns } from "./turns.js";

/**
 * Keeps the progress of one download in the JSON file `path`, usually `<out>.part.json`. Each record replaces the whole file
 * or does not, and survives a power loss from then on; saves, loads and clears happen one after the other, in the order in
 * which they were subscribed, and run to their end even if unsubscribed.
 *
 * A damaged record is renamed to `<path>.damaged`. One of another file than `manifest`, or of a newer version, is left as it
 * is: `INVALID_CHECKPOINT`. All else that fails is `LOCAL_IO`.
 */
export function checkpointStore(
  path: string,
  manifest: Pick<FileFacts, "root" | "size" | "chunkSize" | "digests" | "digestsFound">,
): ProgressStore;
/** @internal */
export function checkpointStore(path: string, manifest: CheckpointOf, disk: Disk): ProgressStore;
export function checkpointStore(path: string, manifest: CheckpointOf, disk = systemDisk): ProgressStore {
  const inTurn = turns(path);
  return {
    load: () => inTurn("read", () => load(path, manifest, disk)),
    save: (checkpoint) =>
      defer(() => {
        const json = encodeCheckpoint(checkpoint);
        return inTurn("write", () => writeJson(path, json, { disk }));
      }).pipe(ignoreElements()),
    clear: () => inTurn("remove", () => clear(path, disk)).pipe(ignoreElements()),
  };
}

/**
 * A saved checkpoint as it is, of whatever file, for those who only look. Errors with `INVALID_CHECKPOINT` when it is
 * damaged, newer or not there, with `LOCAL_IO` when it cannot be read; changes nothing on the disk.
 */
export function readCheckpoint(path: string): Observable<Checkpoint> {
  const inTurn = turns(path);
  return inTurn("read", async () => parsed(await readJson(path))).pipe(
    map((found) => {
      if ("damage" in found) throw new DownloadError("INVALID_CHECKPOINT", `${path} is no checkpoint: ${found.damage}`);
      return found;
    }),
  );
}

async function load(
  path: string,
  manifest: CheckpointOf,
  disk: Disk,
): Promise<Checkpoint | UnreadableCheckpoint | undefined> {
  await removeDrafts(path, disk);
  const json = await readJson(path, disk);
  if (json === undefined) return undefined;
  const found = await parsed(json, manifest);
  if (!("damage" in found)) return found;
  return { unreadable: found.damage, setAside: await setAside(path, disk) };
}

/** Checked by code that is loaded when there is something to check. */
async function parsed(json: unknown, expected?: CheckpointOf): Promise<Checkpoint | Damage> {
  if (json instanceof SyntaxError) return { damage: json.message };
  const { parseCheckpoint } = await import("../../storage/parseCheckpoint.js");
  return parseCheckpoint(json, expected);
}

async function clear(path: string, disk: Disk): Promise<void> {
  await disk.rm(path, { force: true });
  await removeDrafts(path, disk);
  await syncFolder(dirname(path), disk);
}
