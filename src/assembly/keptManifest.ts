import { catchError, concatMap, defaultIfEmpty, EMPTY, filter, map, type Observable, take } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Manifest } from "../manifest/Manifest.js";
import type { ManifestStore } from "../storage/ManifestStore.js";

/**
 * The manifest of a root that an earlier run left, in the first of these places that has it. Emits once; `undefined` where none is kept. One that cannot be
 * used is as if it was not there, and told to `onTrouble`.
 */
export function keptManifest(
  places: Observable<ManifestStore>,
  root: string,
  onTrouble: (message: string) => void,
): Observable<Manifest | undefined> {
  const usable = (place: ManifestStore): Observable<Manifest> =>
    place.load(root).pipe(
      filter((found) => found !== undefined),
      map((found) => {
        if ("damage" in found) throw new DownloadError("INVALID_MANIFEST", found.damage);
        return found;
      }),
      catchError((thrown: unknown) => {
        const { message } = toDownloadError(thrown);
        onTrouble(`The manifest that an earlier run left cannot be used, and is asked for anew: ${message}`);
        return EMPTY;
      }),
    );
  return places.pipe(concatMap(usable), take(1), defaultIfEmpty(undefined));
}
