import type { MonoTypeOperatorFunction, Observable } from "rxjs";
import { catchError, concat, EMPTY, ignoreElements, tap, throwError } from "rxjs";
import { emptyAccount, runSummary } from "../download/Account.js";
import { codeOf } from "../errors/codeOf.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Catalogue } from "../storage/Catalogue.js";

/** Has a failure before the first request for bytes counted among all downloads; it goes on when it is. */
export function countFailure<T>(
  catalogue: Catalogue | undefined,
  { now, onTrouble }: { readonly now: () => number; readonly onTrouble: (text: string) => void },
): MonoTypeOperatorFunction<T> {
  const count = (error: unknown): Observable<never> => {
    if (catalogue === undefined) return EMPTY;
    const run = runSummary(emptyAccount, codeOf(error), now());
    return catalogue.record({ peers: {}, run }).pipe(
      tap(onTrouble),
      ignoreElements(),
      catchError((why: unknown) => {
        onTrouble(`This failure could not be counted: ${toDownloadError(why).message}`);
        return EMPTY;
      }),
    );
  };
  return catchError((error: unknown) =>
    concat(
      count(error),
      throwError(() => error),
    ),
  );
}
