import { stat } from "node:fs/promises";
import { isErrno, localError } from "../adapters/node/localError.js";
import { notAFile } from "../adapters/node/regularFile.js";
import { DownloadError } from "../errors/DownloadError.js";

/** The error of a file that was named as input, from what the system said: `FILE_NOT_FOUND` when there is none, else `LOCAL_IO`. */
export function inputError(path: string, cause: unknown): DownloadError {
  if (isErrno(cause, "ENOENT", "ENOTDIR"))
    return new DownloadError("FILE_NOT_FOUND", `${path} does not exist`, { cause });
  return localError("read", path, cause);
}

/** Tells whether a path that was named as input is a file or a folder. Errors with `FILE_NOT_FOUND` or `LOCAL_IO`. */
export async function kindOfInput(path: string): Promise<"file" | "folder"> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  if (stats.isDirectory()) return "folder";
  if (stats.isFile()) return "file";
  throw notAFile(path, stats, "a file or a folder");
}
