import type { Observable } from "rxjs";
import type { MetalinkFile } from "../../adapters/metalink/MetalinkFile.js";
import { fetchText } from "./fetchText.js";
import { type Access, httpOptions } from "./httpOptions.js";
import { readMetalinkSource } from "./readMetalinkSource.js";

/**
 * The files that a `.meta4` at a path or `http(s)` URL names, each of which `downloadFile` takes as a source:
 *
 *     metalinkFiles("all.meta4").pipe(mergeAll(), concatMap((file) => downloadFile(file)))
 *
 * `access` says which tokens, headers and authorities a server of it gets. Emits once. Errors with `FILE_NOT_FOUND`, `LOCAL_IO`, `INVALID_MANIFEST` or what the server's answer means; unsubscribing stops.
 */
export function metalinkFiles(metalink: string, access: Access = {}): Observable<readonly MetalinkFile[]> {
  return readMetalinkSource(metalink, fetchText(httpOptions(access)));
}
