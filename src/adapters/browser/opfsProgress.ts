import { defer, ignoreElements } from "rxjs";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import { encodeCheckpoint } from "../../storage/encodeCheckpoint.js";
import type { CheckpointOf, Damage } from "../../storage/parseCheckpoint.js";
import type { ProgressStore, UnreadableCheckpoint } from "../../storage/ProgressStore.js";
import { fileInOpfs, jsonOf, opfsTurns, removeFromOpfs, replaceInOpfs } from "./opfsFiles.js";

/** Keeps the progress of one download in a JSON file of the origin's private file system. */
export function opfsProgress(name: string, manifest?: CheckpointOf): ProgressStore {
  const inTurn = opfsTurns(name);
  return {
    load: () => inTurn("read", () => load(name, manifest)),
    save: (checkpoint) =>
      defer(() => {
        const json = JSON.stringify(encodeCheckpoint(checkpoint));
        return inTurn("write", () => replaceInOpfs(name, json));
      }).pipe(ignoreElements()),
    clear: () => inTurn("remove", () => removeFromOpfs(name)).pipe(ignoreElements()),
  };
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
  await replaceInOpfs(setAside, text);
  await removeFromOpfs(name);
  return { unreadable: found.damage, setAside };
}

/** Checked by code that is loaded when there is something to check. */
async function parsed(text: string, manifest: CheckpointOf | undefined): Promise<Checkpoint | Damage> {
  const json = jsonOf(text);
  if (json instanceof SyntaxError) return { damage: json.message };
  const { parseCheckpoint } = await import("../../storage/parseCheckpoint.js");
  return parseCheckpoint(json, manifest);
}
