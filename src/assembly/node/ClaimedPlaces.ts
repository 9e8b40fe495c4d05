import { besideNames } from "../../adapters/node/besideNames.js";
import { placeKey } from "../../adapters/node/placeKey.js";
import { DownloadError } from "../../errors/DownloadError.js";

interface Claim {
  readonly path: string;
  readonly keys: readonly string[];
}

/** The places of files that are downloaded together: each has a path, and the names beside it that its download takes. */
export class ClaimedPlaces<Owner> {
  readonly #claims = new Map<Owner, Claim>();
  readonly #owners = new Map<string, Owner>();

  /**
   * Gives a file its path, and lets go of the one that it had.
   *
   * @throws DownloadError `TARGET_EXISTS` when any name of the path is one of another file's; the file has what it had then.
   */
  claim(owner: Owner, path: string): void {
    const place = placeKey(path);
    const keys = [place, ...besideNames.map((ending) => place + ending)];
    for (const key of keys) {
      const other = this.#owners.get(key);
      const taken = other === undefined || other === owner ? undefined : this.#claims.get(other);
      if (taken !== undefined) throw isTaken(path, taken.path, taken.keys[0] === place);
    }
    this.leave(owner);
    for (const key of keys) this.#owners.set(key, owner);
    this.#claims.set(owner, { path, keys });
  }

  /** Lets go of the path that a file has. */
  leave(owner: Owner): void {
    for (const key of this.#claims.get(owner)?.keys ?? []) this.#owners.delete(key);
    this.#claims.delete(owner);
  }
}

function isTaken(path: string, other: string, isSame: boolean): DownloadError {
  const what = isSame
    ? `${path} is the place of another file of the list, too`
    : `${path} cannot be beside ${other}, which is another file of the list: one has a name that the download of the other takes`;
  return new DownloadError("TARGET_EXISTS", `${what}; choose another name or folder for one of them`);
}
