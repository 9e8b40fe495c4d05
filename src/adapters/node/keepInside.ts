import { lstat, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { DownloadError } from "../../errors/DownloadError.js";
import { isErrno, localError } from "./localError.js";

/**
 * Makes sure that the folders on the way from a folder to a file below it, as far as they are there, lie in it: one that is a link may lead out of it. Fails
 * with `INVALID_MANIFEST`, which names that one, or `LOCAL_IO`.
 */
export async function keepInside(folder: string, path: string): Promise<void> {
  const parts = relative(resolve(folder), dirname(resolve(path)))
    .split(sep)
    .filter(Boolean);
  if (parts.length === 0) return;
  const inside = await trueName(resolve(folder));
  let way = resolve(folder);
  for (const part of parts) {
    way = join(way, part);
    const found = await trueName(way);
    // A folder that is not there will be made, and so is no link.
    if (inside === undefined || found === undefined) return;
    if (found.startsWith(inside.endsWith(sep) ? inside : inside + sep)) continue;
    const text = `${path} is refused: ${way} is a link that leads out of ${resolve(folder)}, to ${found}; choose a name with -o (the option out)`;
    throw new DownloadError("INVALID_MANIFEST", text);
  }
}

/** Where a name leads; nothing where nothing has it. A link to nowhere leads wherever it says. */
async function trueName(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (!isErrno(cause, "ENOENT")) throw localError("look at", path, cause);
    const isLink = await lstat(path).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    return isLink ? "" : undefined;
  }
}
