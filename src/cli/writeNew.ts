import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemWords } from "../command.js";
import { DownloadError } from "../index.js";

export interface WriteNewOptions {
  /** True when another file of that name is replaced. @default false */
  readonly overwrite?: boolean;
  /** Treatment of a name that is taken. */
  readonly advice: string;
}

/**
 * Writes a file, which is whole or not there at any time; over another one only when `overwrite` says so, and never over what is no
 * file.
 *
 * @throws DownloadError `TARGET_EXISTS`, whose message ends with the advice, or `LOCAL_IO`
 */
export async function writeNew(path: string, text: string, options: WriteNewOptions): Promise<void> {
  // Hidden, so that no seeder of the folder serves it, and short: the name may be as long as names can be.
  const draft = join(dirname(path), `.tributary-${randomUUID().slice(0, 8)}`);
  try {
    const file = await open(draft, "wx");
    try {
      await write(file, text);
      await (options.overwrite === true ? replace(path, draft) : take(path, draft));
    } finally {
      await rm(draft, { force: true });
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST")
      throw new DownloadError("TARGET_EXISTS", `${path} exists already; ${options.advice}`, { cause });
    if (code === "ENOENT")
      throw new DownloadError("LOCAL_IO", `cannot write ${path}: the folder ${dirname(path)} does not exist`, {
        cause,
      });
    throw new DownloadError("LOCAL_IO", `cannot write ${path}: ${systemWords(cause)}`, { cause });
  }
}

/** Synced: some systems say only then that there is no room. */
async function write(file: FileHandle, text: string): Promise<void> {
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function take(path: string, draft: string): Promise<void> {
  await link(draft, path).catch((error: unknown) => {
    // File systems without hard links, such as those of USB sticks.
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EMLINK"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return copyFile(draft, path, constants.COPYFILE_EXCL);
  });
}

async function replace(path: string, draft: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (found?.isFile() === false) throw new Error("it is not a file, and is left as it is");
  if (found !== undefined) await chmod(draft, found.mode);
  await rename(draft, path);
}
