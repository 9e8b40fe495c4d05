import { concat, defer, finalize, type Observable } from "rxjs";
import { removeOld } from "../../adapters/node/oldPart.js";
import { removePart } from "../../adapters/node/removeRemains.js";
import type { DownloadLock } from "./DownloadLock.js";

/** Removes what a download that has paused left of a file. Errors with `LOCAL_IO`, or `LOCKED` when another process was faster. */
export function removeBegun(path: string, lock: DownloadLock): Observable<never> {
  return defer(() => {
    lock.leave();
    // The run may have left the lock for good while its last writes were waited for.
    return concat(lock.take(), removePart(path), removeOld(path)).pipe(finalize(() => lock.leave()));
  });
}
