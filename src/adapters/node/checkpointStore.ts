import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Low } from "lowdb";
import { defer, from, ignoreElements, map, Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import type { CheckpointJson } from "../../storage/checkpointSchema.js";
import { encodeCheckpoint } from "../../storage/encodeCheckpoint.js";
import { type CheckpointOf, parseCheckpoint } from "../../storage/parseCheckpoint.js";
import type { ProgressStore, UnreadableCheckpoint } from "../../storage/ProgressStore.js";
import { AtomicJsonFile } from "./AtomicJsonFile.js";
import { localError } from "./localError.js";
import { regularFile } from "./regularFile.js";
import { syncFolder } from "./syncFolder.js";

/**
 * Keeps the progress of one download in the JSON file `path`, usually `<out>.part.json`. Each record replaces the whole file
 * or does not, and survives a power loss from then on; saves, loads and clears happen one after the other, in the order in
 * which they were subscribed, and run to their end even if unsubscribed.
 *
 * A damaged record is renamed to `<path>.damaged`. One of another file than `manifest`, or of a newer version, is left as it
 * is: `INVALID_CHECKPOINT`. All else that fails is `LOCAL_IO`.
 */
export function checkpointStore(path: string, manifest: CheckpointOf): ProgressStore {
  const inTurn = turns(path);
  return {
    load: () => inTurn("read", () => load(path, manifest)),
    save: (checkpoint) =>
      defer(() => {
        const json = encodeCheckpoint(checkpoint);
        return inTurn("write", () => save(path, json));
      }).pipe(ignoreElements()),
    clear: () => inTurn("remove", () => clear(path)).pipe(ignoreElements()),
  };
}

/**
 * A saved checkpoint as it is, of whatever file, for those who only look. Errors with `INVALID_CHECKPOINT` when it is
 * damaged, newer or not there, with `LOCAL_IO` when it cannot be read; changes nothing on the disk.
 */
export function readCheckpoint(path: string): Observable<Checkpoint> {
  const inTurn = turns(path);
  return inTurn("read", () => readJson(path)).pipe(
    map((json) => {
      const parsed = json instanceof SyntaxError ? { damage: json.message } : parseCheckpoint(json);
      if ("damage" in parsed)
        throw new DownloadError("INVALID_CHECKPOINT", `${path} is no checkpoint: ${parsed.damage}`);
      return parsed;
    }),
  );
}

async function load(path: string, manifest: CheckpointOf): Promise<Checkpoint | UnreadableCheckpoint | undefined> {
  await removeDrafts(path);
  const json = await readJson(path);
  if (json === undefined) return undefined;
  const parsed = json instanceof SyntaxError ? { damage: json.message } : parseCheckpoint(json, manifest);
  if (!("damage" in parsed)) return parsed;
  const setAside = `${path}.damaged`;
  await rename(path, setAside);
  return { unreadable: parsed.damage, setAside };
}

/** What the file says, nothing, or why it is no JSON. */
async function readJson(path: string): Promise<unknown> {
  if ((await regularFile(path)) === undefined) return undefined;
  const db = new Low<unknown>(new AtomicJsonFile(path), null);
  try {
    await db.read();
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
  return db.data;
}

async function save(path: string, json: CheckpointJson): Promise<void> {
  await new Low<unknown>(new AtomicJsonFile(path), json).write();
}

async function clear(path: string): Promise<void> {
  await rm(path, { force: true });
  await removeDrafts(path);
  await syncFolder(dirname(path));
}

/** A process that was killed while it saved leaves its draft behind: the path, a dot and digits. */
async function removeDrafts(path: string): Promise<void> {
  const start = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(start) && /^\d+$/.test(name.slice(start.length)))
      await rm(join(dirname(path), name), { force: true });
  }
}

/** Gives works their turns. */
function turns(path: string): <T>(verb: string, work: () => Promise<T>) => Observable<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (verb, work) =>
    new Observable((subscriber) => {
      const turn = last.then(work).catch((error: unknown) => {
        throw localError(verb, path, error);
      });
      // The next one in turn does not care how this one ended; its own subscriber hears of it.
      last = turn.catch(() => undefined);
      return from(turn).subscribe(subscriber);
    });
}
