import { Low } from "lowdb";
import { AtomicJsonFile } from "./AtomicJsonFile.js";
import { systemDisk } from "./Disk.js";
import { regularFile } from "./regularFile.js";
import type { ReplaceFileOptions } from "./replaceFile.js";

/** The content of a file; nothing where there is no file, a `SyntaxError` where it is no JSON. Rejects with `LOCAL_IO` where the name is not a file's. */
export async function readJson(path: string, disk = systemDisk, maxBytes?: number): Promise<unknown> {
  if ((await regularFile(path, disk)) === undefined) return undefined;
  const db = new Low<unknown>(new AtomicJsonFile(path, { disk, ...(maxBytes !== undefined && { maxBytes }) }), null);
  try {
    await db.read();
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
  return db.data;
}

export async function writeJson(path: string, json: unknown, options?: ReplaceFileOptions): Promise<void> {
  await new Low<unknown>(new AtomicJsonFile(path, options), json).write();
}

/** Puts a damaged file out of the way; answers under which name it is kept. */
export async function setAside(path: string, disk = systemDisk): Promise<string> {
  const kept = `${path}.damaged`;
  await disk.rename(path, kept);
  return kept;
}
