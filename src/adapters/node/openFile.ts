import { constants } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import { systemDisk, type Disk } from "./Disk.js";
import { notAFile } from "./regularFile.js";

export interface OpenFileOptions {
  /** True when what the name leads to is meant: where the user gave the name, not where this program made it. @default true */
  readonly followLinks?: boolean;
  /** @default the system's */
  readonly disk?: Disk;
}

/**
 * Without waiting for whoever may come to the other end of a pipe: the name may have become one since it was looked at. Systems without
 * these flags have no such names either.
 */
export const readOnly = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a file to read it, and nothing but a file: opening a pipe waits for its other end, for ever and deaf to signals if there is none,
 * and what opening a device does is the device's to say. Fails with `LOCAL_IO` that names what it is instead, or as the system says.
 */
export async function openFile(
  path: string,
  { followLinks = true, disk = systemDisk }: OpenFileOptions = {},
): Promise<FileHandle> {
  const found = await (followLinks ? stat(path) : disk.lstat(path));
  if (!found.isFile()) throw notAFile(path, found, "a file");
  const file = await disk.open(path, followLinks ? readOnly : readOnly | constants.O_NOFOLLOW);
  try {
    const opened = await file.stat();
    if (!opened.isFile()) throw notAFile(path, opened, "a file");
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
