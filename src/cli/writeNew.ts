import { writeFile } from "node:fs/promises";
import { DownloadError } from "../index.js";

/**
 * Writes a file; over another one only when `overwrite` says so.
 *
 * @throws DownloadError `TARGET_EXISTS`, whose message ends with the advice, or `LOCAL_IO`
 */
export async function writeNew(
  path: string,
  text: string,
  { overwrite = false, advice }: { readonly overwrite?: boolean; readonly advice: string },
): Promise<void> {
  await writeFile(path, text, { flag: overwrite ? "w" : "wx" }).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new DownloadError("TARGET_EXISTS", `${path} exists already; ${advice}`, { cause });
    throw new DownloadError("LOCAL_IO", `cannot write ${path}: ${code ?? message}`, { cause });
  });
}
