import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { defer, ignoreElements, type Observable } from "rxjs";
import { isErrno, localError } from "./localError.js";
import { syncFolder } from "./syncFolder.js";

const endings = [".part", ".part.json"] as const;

/**
 * Gives `<path>.part` and `<path>.part.json`, which are of a version that its mirrors have no more, other names, `.part.old` and `.part.old.json`, so
 * that a new version can begin; for the one who holds the lock. Errors with `LOCAL_IO`.
 */
export function setOldAside(path: string): Observable<never> {
  return defer(async () => {
    // The record last: without bytes it claims nothing.
    for (const ending of endings) {
      await rename(path + ending, path + old(ending)).catch((cause: unknown) => {
        if (!isErrno(cause, "ENOENT")) throw localError("rename", path + ending, cause);
      });
    }
    await syncFolder(dirname(path));
  }).pipe(ignoreElements());
}

/** Removes them, when the new version is whole. Errors with `LOCAL_IO`. */
export function removeOld(path: string): Observable<never> {
  return defer(async () => {
    for (const ending of endings) {
      await rm(path + old(ending), { force: true }).catch((cause: unknown) => {
        throw localError("remove", path + old(ending), cause);
      });
    }
  }).pipe(ignoreElements());
}

function old(ending: (typeof endings)[number]): string {
  return ending.replace(".part", ".part.old");
}
