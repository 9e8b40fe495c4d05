import { concat, defaultIfEmpty, EMPTY, map, type Observable, of, throwError } from "rxjs";
import { failedBeforeStart } from "../discovery/beforeStart.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";
import { formatBytes } from "../download/formatBytes.js";
import { isForWant } from "../download/resumable.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { withWords } from "../errors/withWords.js";

/** Bytes that an earlier run left of a file. */
export interface LeftBytes {
  readonly size: number;
  /** Bytes of complete chunks, as the record claims. */
  readonly done: number;
}

/**
 * The end of a run that failed before it could go on with what an earlier one left: that is told where it failed for want of somebody who answers, and stands in the account. Emits the events once.
 *
 * @param left emits once at most
 */
export function failedWith(
  error: DownloadError,
  left: Observable<LeftBytes>,
  now: () => number,
): Observable<Observable<DownloadEvent>> {
  const found: Observable<LeftBytes | undefined> = isForWant(error.code) ? left : EMPTY;
  return found.pipe(
    defaultIfEmpty(undefined),
    map((bytes) => {
      if (bytes === undefined || bytes.done === 0) return ended(error, now());
      const { size, done } = bytes;
      const words = `${formatBytes(done)} of ${formatBytes(size)} are kept from an earlier run`;
      return ended(withWords(error, words), now(), { size, done, resumed: done });
    }),
  );
}

function ended(
  error: DownloadError,
  at: number,
  came?: Parameters<typeof failedBeforeStart>[2],
): Observable<DownloadEvent> {
  return concat(
    of(failedBeforeStart(error, at, came)),
    throwError(() => error),
  );
}
