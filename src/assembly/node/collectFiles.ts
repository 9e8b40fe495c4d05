import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { localError } from "../../adapters/node/localError.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { isDownloadsOwn } from "../../manifest/fileName.js";
import { kindOfInput } from "./inputFile.js";

/** Hidden files, and what describes files. */
const leftOut = /^\.|\.meta4$/;

/** The files behind paths of files and folders, each once, in a lasting order. Errors with `FILE_NOT_FOUND` or `LOCAL_IO`. */
export async function collectFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    if ((await kindOfInput(path)) === "file") {
      found.add(path);
      continue;
    }
    const inside = await filesIn(path);
    if (inside.length === 0) throw new DownloadError("FILE_NOT_FOUND", `${path} has no file to serve`);
    for (const file of inside) found.add(file);
  }
  return [...found];
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw localError("read", folder, cause);
  });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (leftOut.test(entry.name) || isDownloadsOwn(entry.name)) continue;
    const path = join(folder, entry.name);
    // Links could lead out of the folder that was chosen.
    if (entry.isDirectory()) files.push(...(await filesIn(path)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}
