import { catchError, EMPTY, endWith, ignoreElements, type Observable } from "rxjs";

/** Emits once, when the source has completed or failed. */
export function endOf(source: Observable<unknown>): Observable<"ended"> {
  return source.pipe(
    ignoreElements(),
    catchError(() => EMPTY),
    endWith("ended" as const),
  );
}
