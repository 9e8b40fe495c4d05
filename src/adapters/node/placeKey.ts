import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/**
 * Text that all spellings of a place on the disk have in common: the true path of its folder, with what of that is not there yet as it is spelt, and its name.
 * In lower case on systems where case makes no other name.
 */
export function placeKey(path: string, platform: NodeJS.Platform = process.platform): string {
  const full = resolve(path);
  const key = join(trueFolder(dirname(full)), basename(full));
  return platform === "darwin" || platform === "win32" ? key.toLowerCase() : key;
}

/** A folder that cannot be looked at counts as one that is not there: whoever writes there tells of it. */
function trueFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    const above = dirname(folder);
    return above === folder ? folder : join(trueFolder(above), basename(folder));
  }
}
