import { join, resolve } from "node:path";
import { defer } from "rxjs";
import { catalogueFile } from "./catalogueFile.js";
import { stateFolder } from "./stateFolder.js";
import type { Catalogue } from "../../storage/Catalogue.js";

/** Where downloads of this user leave what they learn: the file that was named, or the one in the user's state folder. */
export function cataloguePath(named?: string): string {
  return named === undefined ? join(stateFolder(), "catalogue.json") : resolve(named);
}

/** The catalogue that a download is to use; none when the user wants none. A home that cannot be found is the download's to tell. */
export function userCatalogue(option: boolean | string): Catalogue | undefined {
  if (option === false) return undefined;
  const opened = (): Catalogue => catalogueFile(cataloguePath(option === true ? undefined : option));
  return {
    load: () => defer(() => opened().load()),
    record: (delta) => defer(() => opened().record(delta)),
  };
}
