import type { Stats } from "node:fs";
import { DownloadError } from "../../errors/DownloadError.js";
import { systemDisk } from "./Disk.js";

/** The unit of `Stats.blocks`, whatever the file system's own is. */
const blockSize = 512;

/** Fails with `LOCAL_IO` when a folder has no room for a file of `size` bytes, of which `found` holds some already. */
export async function checkFreeSpace(
  folder: string,
  size: number,
  found: Stats | undefined,
  disk = systemDisk,
): Promise<void> {
  const { bavail, bsize } = await disk.statfs(folder);
  const free = bavail * bsize;
  // A sparse file's size says nothing of what it occupies; Windows counts no blocks.
  const held = Math.min(size, found === undefined ? 0 : found.blocks * blockSize);
  if (size - held <= free) return;
  throw new DownloadError(
    "LOCAL_IO",
    `${folder} has ${free} bytes free, expected ${size - held} for the rest of the file`,
  );
}
