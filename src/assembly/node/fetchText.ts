import { type Observable, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";

export function fetchText(): Observable<string> {
  return throwError(() => new DownloadError("NO_PEERS", "documents by URL are not fetched yet"));
}
