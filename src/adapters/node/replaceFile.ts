import { constants } from "node:fs";
import { dirname } from "node:path";
import { type Disk, systemDisk } from "./Disk.js";
import { draftName } from "./drafts.js";
import { syncFolder } from "./syncFolder.js";

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export interface ReplaceFileOptions {
  /** The file's permissions. @default as the system gives */
  readonly mode?: number;
  /** @default the system's */
  readonly disk?: Disk;
}

/**
 * Puts this text in the place of what has the name, all of it or nothing, so that it survives a power loss: as a draft beside it, which is synced and renamed.
 * A link is replaced, and nothing is written to where it leads. Fails as the system says, and leaves no draft then.
 */
export async function replaceFile(
  path: string,
  text: string,
  { mode = 0o666, disk = systemDisk }: ReplaceFileOptions = {},
): Promise<void> {
  const draft = draftName(path);
  const file = await disk.open(draft, newFile, mode);
  try {
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length;) {
        done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(draft, path);
  } catch (error) {
    await disk.rm(draft, { force: true }).catch(() => undefined); // what went wrong before is what counts
    throw error;
  }
  await syncFolder(dirname(path), disk);
}
