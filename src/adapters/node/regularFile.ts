import type { BigIntStats, Stats } from "node:fs";
import { DownloadError } from "../../errors/DownloadError.js";
import { systemDisk } from "./Disk.js";
import { isErrno } from "./localError.js";

/** The file of this name, or nothing. Fails with `LOCAL_IO` when the name is a folder, a link, a pipe or a device. */
export async function regularFile(path: string, disk = systemDisk): Promise<Stats | undefined> {
  const stats = await disk.lstat(path).catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  });
  if (stats === undefined || stats.isFile()) return stats;
  throw notAFile(path, stats, "a file or nothing");
}

/** A `LOCAL_IO` that tells what has the name instead of a file. */
export function notAFile(path: string, stats: Stats | BigIntStats, expected: string): DownloadError {
  return new DownloadError("LOCAL_IO", `${path} is ${kindOf(stats)}, expected ${expected}`);
}

function kindOf(stats: Stats | BigIntStats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a pipe";
  return stats.isSymbolicLink() ? "a link" : "a socket or a device";
}
