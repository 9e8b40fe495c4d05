import { dirname, join } from "node:path";
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  map,
  type Observable,
  of,
  throwError,
} from "rxjs";
import { readCheckpoint } from "../../adapters/node/checkpointStore.js";
import { regularFile } from "../../adapters/node/regularFile.js";
import { nameByRoot } from "../../discovery/fetchManifest.js";
import { codeOf } from "../../errors/codeOf.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { Target } from "../Assembly.js";

/** As `openTarget` for a path; `isFree`: it takes the name from nothing that has it, whatever may be overwritten. */
type OpenAt = (path: string, isFree: boolean) => Observable<Target>;

/**
 * Opens the target of a file whose name a peer chose. A root proves bytes and no name, so that the peer could have named any file of the folder: it gets that
 * name only where nothing else has it, and is called by its root otherwise, with a notice that says why.
 */
export function openNamedByPeer(path: string, root: string, openAt: OpenAt): Observable<Target> {
  const own = join(dirname(path), nameByRoot({ root }));
  if (path === own) return openAt(own, false);
  const opened = concat(refuseNoFile(path), openAt(path, true)).pipe(
    concatMap((target) => ("events" in target ? of(target) : concat(refuseOthersProgress(path, root), of(target)))),
  );
  return opened.pipe(
    catchError((thrown: unknown) => {
      const { code, message } = toDownloadError(thrown);
      if (code !== "TARGET_EXISTS") return throwError(() => thrown);
      const notice = `${message}. That name was a peer's choice: the file is saved as ${own}; name it with -o (the option out)`;
      return openAt(own, false).pipe(
        map((target) => ("events" in target ? target : { ...target, notices: [notice, ...(target.notices ?? [])] })),
      );
    }),
  );
}

/** Errors with `TARGET_EXISTS` where a folder, a link or the like has the name. */
function refuseNoFile(path: string): Observable<never> {
  return defer(() => regularFile(path)).pipe(
    ignoreElements(),
    catchError((cause: unknown) => {
      // All else is met again where the name is taken, and told there.
      if (!(cause instanceof DownloadError)) return EMPTY;
      throw new DownloadError("TARGET_EXISTS", cause.message, { cause });
    }),
  );
}

/** Errors with `TARGET_EXISTS` where an unfinished download of another file has the name. */
function refuseOthersProgress(path: string, root: string): Observable<never> {
  const record = `${path}.part.json`;
  return readCheckpoint(record).pipe(
    catchError((error: unknown) => (codeOf(error) === "INVALID_CHECKPOINT" ? EMPTY : throwError(() => error))),
    map((found) => {
      if (found.root !== root) throw new DownloadError("TARGET_EXISTS", `${record} is the progress of another file`);
    }),
    ignoreElements(),
  );
}
