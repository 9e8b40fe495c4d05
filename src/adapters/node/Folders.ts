import { linkSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileOfDraft } from "./drafts.js";
import { isErrno } from "./localError.js";
import { syncFolder } from "./syncFolder.js";

/** How file systems without hard links refuse them, such as those of USB sticks. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/**
 * The folders that files go into which come at the same time: each is synced for many names at once, looked through once, and asked once whether it takes
 * links.
 */
export class Folders {
  readonly #syncs = new Map<string, { running: Promise<void>; next?: Promise<void> | undefined }>();
  /** Drafts that killed processes left, by the path of the file. */
  readonly #drafts = new Map<string, ReadonlyMap<string, readonly string[]>>();
  readonly #withoutLinks = new Set<string>();
  readonly #link: (from: string, to: string) => void;

  constructor(link: (from: string, to: string) => void = linkSync) {
    this.#link = link;
  }

  /** Gives a draft its name, which never replaces anything; fails as the system says. */
  name(draft: string, path: string): void {
    try {
      this.#link(draft, path);
    } catch (error) {
      if (isErrno(error, ...noLinks)) this.#withoutLinks.add(dirname(path));
      throw error;
    }
  }

  /**
   * True when a folder has shown that it takes no links. Without them no name can be given that surely replaces nothing and is whole from the first moment on.
   */
  refusesLinks(folder: string): boolean {
    return this.#withoutLinks.has(folder);
  }

  /**
   * Makes the names in a folder that changed before this call survive a power loss. A sync that runs already may have come too early for them: the next one
   * serves all.
   */
  sync(folder: string): Promise<void> {
    const known = this.#syncs.get(folder);
    if (known === undefined) return this.#begin(folder);
    known.next ??= known.running.then(
      () => this.#begin(folder),
      () => this.#begin(folder),
    );
    return known.next;
  }

  /**
   * Removes the drafts of a file that were there when its folder was looked at first, as far as that is possible. A process that lives and has its draft
   * removed by another one goes the ordinary way, where the lock decides.
   */
  sweep(path: string): void {
    const folder = dirname(path);
    const drafts = this.#drafts.get(folder) ?? draftsIn(folder);
    this.#drafts.set(folder, drafts);
    for (const draft of drafts.get(basename(path)) ?? []) removeFile(join(folder, draft));
  }

  #begin(folder: string): Promise<void> {
    const running = syncFolder(folder).finally(() => {
      if (this.#syncs.get(folder) === own && own.next === undefined) this.#syncs.delete(folder);
    });
    const own: { running: Promise<void>; next?: Promise<void> } = { running };
    this.#syncs.set(folder, own);
    return running;
  }
}

function draftsIn(folder: string): ReadonlyMap<string, readonly string[]> {
  const drafts = new Map<string, string[]>();
  for (const name of namesIn(folder)) {
    const file = fileOfDraft(name);
    if (file !== undefined) drafts.set(file, [...(drafts.get(file) ?? []), name]);
  }
  return drafts;
}

/** None where the folder cannot be read: that is for whoever writes there to tell. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Removes a file, and nothing else; one that cannot be removed stays. */
function removeFile(path: string): void {
  try {
    if (lstatSync(path).isFile()) rmSync(path, { force: true });
  } catch {
    // It is litter at worst, and no reason to end a download.
  }
}
