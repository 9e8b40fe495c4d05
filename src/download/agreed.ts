import { catchError, concat, defer, ignoreElements, merge, type Observable, of, Subject, tap, throwError } from "rxjs";
import type { DownloadRun } from "./DownloadRun.js";

/**
 * The fetching of a file, and beside it the decision whether it is the right one; completes when both have. When it is another one, nothing of what
 * came counts, and the fetching is left. A file of which some was here is not gone on with before the decision. Errors as both do.
 */
export function agreed<T>(run: DownloadRun, fetching: Observable<T>): Observable<T> {
  const { agreement } = run.parts;
  if (agreement === undefined) return fetching;
  const decision = (isHere: Observable<unknown>): Observable<never> =>
    agreement(isHere).pipe(
      tap((whole) => run.learn(whole)),
      ignoreElements(),
    );
  if (run.isAgreed) return concat(decision(of(undefined)), fetching);
  return defer(() => {
    const isHere = new Subject<void>();
    const decided = decision(isHere).pipe(
      tap({ complete: () => (run.isAgreed = true) }),
      catchError((error: unknown) => {
        run.forget();
        return throwError(() => error);
      }),
    );
    const complete = (): void => {
      isHere.next();
      isHere.complete();
    };
    return merge(decided, fetching.pipe(tap({ complete })));
  });
}
