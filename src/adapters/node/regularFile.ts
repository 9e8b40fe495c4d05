import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { DownloadError } from "../../errors/DownloadError.js";
import { isErrno } from "./localError.js";

/** The file of this name, or nothing. Fails with `LOCAL_IO` when the name is a folder, a link, a pipe or a device. */
export async function regularFile(path: string): Promise<Stats | undefined> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  });
  if (stats === undefined || stats.isFile()) return stats;
  throw new DownloadError("LOCAL_IO", `${path} is ${kindOf(stats)}, expected a file or nothing`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  return stats.isSymbolicLink() ? "a link" : "a pipe or a device";
}
