import { defaultIfEmpty, map, type Observable, of } from "rxjs";
import type { EarlyFailure } from "../../discovery/beforeStart.js";
import { formatBytes } from "../../download/formatBytes.js";
import { isForWant } from "../../download/resumable.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { withWords } from "../../errors/withWords.js";

/** Bytes that an earlier run left of a file. */
export interface LeftBytes {
  readonly size: number;
  /** Bytes of complete chunks, as the record claims. */
  readonly done: number;
}

/**
 * The failure of a run that could not go on with what an earlier one left, for want of somebody who answers: that is told, and stands in the account. Emits
 * once.
 *
 * @param left emits once at most
 */
export function withLeft(error: DownloadError, left: Observable<LeftBytes>): Observable<EarlyFailure> {
  if (!isForWant(error.code)) return of({ error });
  return left.pipe(
    map(({ size, done }): EarlyFailure => {
      if (done === 0) return { error };
      const words = `${formatBytes(done)} of ${formatBytes(size)} are kept from an earlier run`;
      return { error: withWords(error, words), came: { size, done, resumed: done } };
    }),
    defaultIfEmpty({ error }),
  );
}
