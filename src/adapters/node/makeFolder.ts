import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isErrno, localError } from "./localError.js";

export interface MakeFolderOptions {
  /** Permissions of the folders that are made. @default as the system gives */
  readonly mode?: number;
}

/**
 * Makes a folder and those above it, as far as they are not there. Fails with `LOCAL_IO`.
 *
 * Node's own `recursive` does not end where a folder that is there says that it is not, as `/proc` does of new ones.
 */
export async function makeFolder(path: string, options: MakeFolderOptions = {}): Promise<void> {
  await make(path, options).catch((cause: unknown) => {
    throw localError("make the folder", path, cause);
  });
}

async function make(path: string, options: MakeFolderOptions): Promise<void> {
  const refusal = await refusalOf(path, options);
  if (refusal === undefined) return;
  const above = dirname(path);
  if (!isErrno(refusal, "ENOENT") || above === path) throw refusal;
  // Somebody else may have made the one above since.
  if (!(await isFolder(above))) await make(above, options);
  const again = await refusalOf(path, options);
  if (again !== undefined) throw again;
}

/** Why the folder is not there after the attempt to make it; somebody else may have made it. */
async function refusalOf(path: string, options: MakeFolderOptions): Promise<unknown> {
  const refusal = await mkdir(path, options).then(
    () => undefined,
    (error: unknown) => error,
  );
  return refusal === undefined || (await isFolder(path)) ? undefined : refusal;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
