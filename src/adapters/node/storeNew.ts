import { closeSync, constants, fdatasync, openSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { draftName } from "./drafts.js";
import type { Folders } from "./Folders.js";

const sync = promisify(fdatasync);
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Makes a file of bytes that are all here, under a name that nothing has: it is whole or not there, and survives a power loss. The bytes are written and synced
 * as a draft beside it (`Folders.sweep` finds one that a killed process leaves), which gets the name by a link, that never replaces anything. Fails as the
 * system says, and leaves nothing then.
 *
 * All but the syncs is synchronous: four calls for a file that has a few blocks.
 */
export async function storeNew(path: string, bytes: Uint8Array, folders: Folders): Promise<void> {
  const draft = draftName(path);
  const file = openSync(draft, newFile, 0o666);
  try {
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
      await sync(file);
    } finally {
      closeSync(file);
    }
    folders.name(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  await folders.sync(dirname(path));
}
