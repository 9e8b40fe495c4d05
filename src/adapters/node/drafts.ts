import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { systemDisk } from "./Disk.js";

/** Short enough for the record of a file whose name is as long as one may be, within the 255 bytes of a name. */
const mark = ".tributary-";
const randomPart = /^[0-9a-f]{12}$/;

/** A name for the draft of a file, which nobody else gives to a file of theirs. */
export function draftName(path: string): string {
  return `${path}${mark}${randomBytes(6).toString("hex")}`;
}

/** Removes the drafts of a file that were left behind by processes which were killed while they saved; for the one who alone may save it now. */
export async function removeDrafts(path: string, disk = systemDisk): Promise<void> {
  const start = basename(path) + mark;
  for (const name of await disk.readdir(dirname(path))) {
    if (!name.startsWith(start) || !randomPart.test(name.slice(start.length))) continue;
    const draft = join(dirname(path), name);
    const found = await disk.lstat(draft).catch(() => undefined); // one that cannot be looked at stays
    if (found?.isFile() === true) await disk.rm(draft, { force: true });
  }
}
