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

/** The name of the file that this is the name of a draft of; nothing where it is none of ours. */
export function fileOfDraft(name: string): string | undefined {
  const at = name.lastIndexOf(mark);
  return at > 0 && randomPart.test(name.slice(at + mark.length)) ? name.slice(0, at) : undefined;
}

/** Removes the drafts of a file that were left behind by processes which were killed while they saved; for the one who alone may save it now. */
export async function removeDrafts(path: string, disk = systemDisk): Promise<void> {
  for (const name of await disk.readdir(dirname(path))) {
    if (fileOfDraft(name) !== basename(path)) continue;
    const draft = join(dirname(path), name);
    const found = await disk.lstat(draft).catch(() => undefined); // one that cannot be looked at stays
    if (found?.isFile() === true) await disk.rm(draft, { force: true });
  }
}
