import { defer, ignoreElements, type Observable } from "rxjs";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import { encodeCheckpoint } from "../../storage/encodeCheckpoint.js";
import type { CheckpointOf, Damage } from "../../storage/parseCheckpoint.js";
import type { ProgressStore, UnreadableCheckpoint } from "../../storage/ProgressStore.js";
import { pageError } from "./pageError.js";

/** Keeps the progress of one download in a JSON file of the origin's private file system. A browser replaces such a file as a whole. */
export function opfsProgress(name: string, manifest?: CheckpointOf): ProgressStore {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(verb: string, work: () => Promise<T>): Observable<T> =>
    defer(() => {
      const turn = last.then(work).catch((cause: unknown) => {
        throw pageError(verb, name, cause);
      });
      last = turn.catch(() => undefined); // the one who asked hears of it
      return turn;
    });
  return {
    load: () => inTurn("read", () => load(name, manifest)),
    save: (checkpoint) =>
      defer(() => {
        const json = JSON.stringify(encodeCheckpoint(checkpoint));
        return inTurn("write", () => replace(name, json));
      }).pipe(ignoreElements()),
    clear: () => inTurn("remove", () => removeFromOpfs(name)).pipe(ignoreElements()),
  };
}

/** Removes a file of the origin's private file system, if it is there. */
export async function removeFromOpfs(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(name).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** File of this name in the origin's private file system; nothing where there is none. */
export async function fileInOpfs(name: string): Promise<File | undefined> {
  const root = await navigator.storage.getDirectory();
  try {
    return await (await root.getFileHandle(name)).getFile();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function load(
  name: string,
  manifest: CheckpointOf | undefined,
): Promise<Checkpoint | UnreadableCheckpoint | undefined> {
  const text = await (await fileInOpfs(name))?.text();
  if (text === undefined) return undefined;
  const found = await parsed(text, manifest);
  if (!("damage" in found)) return found;
  const setAside = `${name}.damaged`;
  await replace(setAside, text);
  await removeFromOpfs(name);
  return { unreadable: found.damage, setAside };
}

/** Checked by code that is loaded when there is something to check. */
async function parsed(text: string, manifest: CheckpointOf | undefined): Promise<Checkpoint | Damage> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { damage: (error as SyntaxError).message };
  }
  const { parseCheckpoint } = await import("../../storage/parseCheckpoint.js");
  return parseCheckpoint(json, manifest);
}

async function replace(name: string, text: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  await stream.write(text);
  await stream.close();
}

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === "NotFoundError";
