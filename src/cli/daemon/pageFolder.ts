import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { DownloadError } from "../../index.js";

const wanted = (): string => join(dirname(realpathSync(process.argv[1] ?? ".")), "web");

/** Folder of the page, beside the command; nothing where the package has none. */
export function pageFolder(): string | undefined {
  const folder = wanted();
  return existsSync(join(folder, "index.html")) ? folder : undefined;
}

/** Folder of the page, for a command that is of no use without it. @throws DownloadError `LOCAL_IO` */
export function neededPageFolder(): string {
  const folder = pageFolder();
  if (folder !== undefined) return folder;
  const text = `the page is not there: ${wanted()} has no index.html; npm run build makes it in a clone, a package has to be installed anew`;
  throw new DownloadError("LOCAL_IO", text);
}
