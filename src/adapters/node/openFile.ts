import { constants } from "node:fs";
import { type FileHandle, lstat, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import { DownloadError } from "../../errors/DownloadError.js";
import { systemDisk, type Disk } from "./Disk.js";
import { notAFile } from "./regularFile.js";

export interface OpenFileOptions {
  /** True when what the name leads to is meant: where the user gave the name, not where this program made it. @default true */
  readonly followLinks?: boolean;
  /** A folder that the file has to lie in, whatever has become of the names on the way since it was found there; no link is followed then. @default anywhere */
  readonly within?: string | undefined;
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
  { within, followLinks = within === undefined, disk = systemDisk }: OpenFileOptions = {},
): Promise<FileHandle> {
  const found = await (followLinks ? stat(path) : disk.lstat(path));
  if (!found.isFile()) throw notAFile(path, found, "a file");
  const file = await disk.open(path, followLinks ? readOnly : readOnly | constants.O_NOFOLLOW);
  try {
    const opened = await file.stat();
    if (!opened.isFile()) throw notAFile(path, opened, "a file");
    if (within !== undefined) await checkInside(within, path, file);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A folder on the way may have become a link: the open file has to be the one that its true name leads to, and that has to begin with the folder's. */
async function checkInside(folder: string, path: string, file: FileHandle): Promise<void> {
  const [inside, trueName] = await Promise.all([realpath(folder), realpath(path)]);
  const [opened, found] = await Promise.all([file.stat({ bigint: true }), lstat(trueName, { bigint: true })]);
  const isInside = trueName.startsWith(inside.endsWith(sep) ? inside : inside + sep);
  if (isInside && opened.ino === found.ino && opened.dev === found.dev) return;
  throw new DownloadError("LOCAL_IO", `${path} does not lie in ${folder} any more, but at ${trueName}`);
}
