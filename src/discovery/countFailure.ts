import type { MonoTypeOperatorFunction, Observable } from "rxjs";
import { catchError, concat, EMPTY, ignoreElements, tap, throwError } from "rxjs";
import { runSummary } from "../download/runSummary.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Catalogue } from "../storage/Catalogue.js";
import { untouchedAccount } from "./beforeStart.js";

/** Has a failure before the first request for bytes counted among all downloads; it goes on when it is. */
export function countFailure<T>(
  catalogue: Catalogue | undefined,
  { now, onTrouble }: { readonly now: () => number; readonly onTrouble: (text: string) => void },
): MonoTypeOperatorFunction<T> {
  const count = (error: unknown): Observable<never> => {
    if (catalogue === undefined) return EMPTY;
    const run = runSummary(untouchedAccount(0, 0), toDownloadError(error).code, now());
    return catalogue.learn({ gains: {}, run }).pipe(
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
