import { lstat } from "node:fs/promises";
import { defer, ignoreElements, type Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { isErrno, localError } from "./localError.js";
import { regularFile } from "./regularFile.js";

/**
 * Completes when `<path>.part` may be written to: it is not there, is empty, or a record beside it says that a download left it. A
 * record is saved before the first byte, so that what has bytes and no record is somebody else's.
 *
 * Errors with `TARGET_EXISTS`, unless `overwrite`, or `LOCAL_IO`.
 */
export function refuseForeignPart(path: string, overwrite: boolean): Observable<never> {
  const part = `${path}.part`;
  return defer(async () => {
    try {
      const found = await regularFile(part);
      if (found === undefined || found.size === 0 || overwrite) return;
      if ((await isThere(`${part}.json`)) || (await isThere(`${part}.json.damaged`))) return;
    } catch (error) {
      throw localError("look at", part, error);
    }
    throw new DownloadError(
      "TARGET_EXISTS",
      `${part} exists already, and no record says that a download left it; it is left as it is, unless overwriting is allowed`,
    );
  }).pipe(ignoreElements());
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
