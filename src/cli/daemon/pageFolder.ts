import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folder of the page, beside the command; nothing where the package has none. */
export function pageFolder(): string | undefined {
  const folder = join(dirname(realpathSync(process.argv[1] ?? ".")), "web");
  return existsSync(folder) ? folder : undefined;
}
