import { downloadFile } from "rx-tributary/node";
import { mergeChunks } from "rx-tributary/operators";
import type { Observable } from "rxjs";
import { catchError, filter, map, of } from "rxjs";

/** Downloads many files, so many at once, and tells how each one ended. Unsubscribing stops all; what they have is kept. */
export function downloadMany(urls: readonly string[], dir: string, concurrency = 3): Observable<string> {
  const one = (url: string): Observable<string> =>
    downloadFile(url, { dir }).pipe(
      filter((event) => event.type === "download-completed"),
      map(({ path }) => `${url}: ${path}`),
      catchError((error: unknown) => of(`${url}: ${String(error)}`)), // the others go on
    );
  return of(urls).pipe(mergeChunks(one, { concurrency }));
}
