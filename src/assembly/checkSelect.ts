import type { Sources } from "../discovery/parseSources.js";
import type { FileSelection } from "../discovery/selectFiles.js";

/** @throws TypeError when something is selected from sources that hold no choice. A lone address may turn out to be that of a Metalink. */
export function checkSelect({ root, metalink, mirrors }: Sources, select: FileSelection | undefined): void {
  if (select !== undefined && metalink === undefined && (root !== undefined || mirrors.length !== 1)) {
    throw new TypeError(`select is ${JSON.stringify(select)}; it chooses from a .meta4, and none is given`);
  }
}
