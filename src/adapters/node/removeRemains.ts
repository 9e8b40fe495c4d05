import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { catchError, defer, EMPTY, ignoreElements, type Observable, switchMap, throwError } from "rxjs";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import { manifestEnding } from "../../storage/ManifestStore.js";
import { codeOf } from "../../errors/codeOf.js";
import { readCheckpoint } from "./checkpointStore.js";
import { Folders } from "./Folders.js";
import { localError } from "./localError.js";
import { syncFolder } from "./syncFolder.js";

/**
 * Removes `<path>.part` with what is kept beside it, whose record says that nobody can want them; for the one who
 * holds the lock. A record that says otherwise, a damaged one or none at all: nothing is touched. Unsubscribing stops before the
 * first removal or after the last, never between. Errors with `LOCAL_IO`.
 */
export function removeRemains(path: string, isWorthless: (record: Checkpoint) => boolean): Observable<never> {
  return readCheckpoint(`${path}.part.json`).pipe(
    catchError((error: unknown) => {
      return codeOf(error) === "INVALID_CHECKPOINT" ? EMPTY : throwError(() => error);
    }),
    switchMap((record) => (isWorthless(record) ? removePart(path) : EMPTY)),
  );
}

/**
 * Removes `<path>.part`, its manifest and its record, whatever they are of, and drafts of them that killed processes left; for the one who holds the lock and
 * may do so. Errors with `LOCAL_IO`.
 */
export function removePart(path: string): Observable<never> {
  return defer(async () => {
    try {
      // Synchronous: the lock may be gone after a wait.
      const folders = new Folders();
      for (const ending of ["", manifestEnding, ".part.json"]) folders.sweep(path + ending);
      // The record last: as long as it is there, the next run finds what is left.
      for (const ending of [".part", manifestEnding, ".part.json"]) rmSync(path + ending, { force: true });
      await syncFolder(dirname(path));
    } catch (error) {
      throw localError("remove what is left of", `${path}.part`, error);
    }
  }).pipe(ignoreElements());
}
