import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { localError } from "../adapters/node/localError.js";
import { openFile } from "../adapters/node/openFile.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { isDownloadsOwn } from "../manifest/fileName.js";
import { inputError, kindOfInput } from "./inputFile.js";

/** Hidden files, and what describes files. */
const leftOut = /^\.|\.meta4$/;

/** A file to be served. */
export interface FoundFile {
  readonly path: string;
  /** Named by itself, not found in a folder: then it has to be readable. */
  readonly named: boolean;
  /** The folder that was named, and that it was found in. */
  readonly within?: string;
  /** Why this, a folder within a folder, cannot be looked into. */
  readonly problem?: DownloadError;
}

/**
 * The files behind paths of files and folders, each once, in a lasting order. Errors with `FILE_NOT_FOUND`, or with `LOCAL_IO`
 * when what was named cannot be read.
 */
export async function collectFiles(paths: readonly string[]): Promise<readonly FoundFile[]> {
  const found = new Map<string, FoundFile>();
  for (const path of paths) {
    if ((await kindOfInput(path)) === "file") {
      await tryToOpen(path);
      found.set(path, { path, named: true });
      continue;
    }
    const inside = await filesIn(path);
    if (inside.length === 0) throw new DownloadError("FILE_NOT_FOUND", `${path} has no file to serve`);
    for (const file of inside) if (!found.has(file.path)) found.set(file.path, { ...file, within: path });
  }
  return [...found.values()];
}

async function filesIn(folder: string): Promise<readonly FoundFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw localError("read", folder, cause);
  });
  const files: FoundFile[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (leftOut.test(entry.name) || isDownloadsOwn(entry.name)) continue;
    const path = join(folder, entry.name);
    // Links could lead out of the folder that was chosen.
    if (entry.isDirectory()) files.push(...(await filesIn(path).catch(unreadable(path))));
    else if (entry.isFile()) files.push({ path, named: false });
  }
  return files;
}

function unreadable(path: string): (thrown: unknown) => readonly FoundFile[] {
  return (thrown) => [{ path, named: false, problem: toDownloadError(thrown) }];
}

async function tryToOpen(path: string): Promise<void> {
  const file = await openFile(path).catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  await file.close();
}
