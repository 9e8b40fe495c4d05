import { resolve } from "node:path";
import { catchError, concatMap, defaultIfEmpty, EMPTY, filter, map, type Observable, of, take } from "rxjs";
import { manifestEnding } from "../../adapters/node/besideNames.js";
import { manifestFile } from "../../adapters/node/manifestFile.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { begunFiles } from "./begunFiles.js";
import type { Place } from "./prepareTarget.js";

export interface KeptManifestConfig {
  /** Name of the file as it is known, if it is; where it is not, all records of the folder are looked at. */
  readonly name?: string | undefined;
  /** Told of one that cannot be used. */
  readonly onTrouble: (message: string) => void;
}

/**
 * The manifest that an earlier run of a download left beside its unfinished file, proved by the root. Emits once; `undefined` where none is kept. One that cannot be used is as if it was
 * not there.
 */
export function keptManifest(
  root: string,
  place: Place,
  { name, onTrouble }: KeptManifestConfig,
): Observable<Manifest | undefined> {
  const known = place.out ?? name;
  const paths =
    known === undefined ? begunFiles(root, place).pipe(map(({ path }) => path)) : of(resolve(place.dir ?? ".", known));
  const usable = (path: string): Observable<Manifest> =>
    manifestAt(path + manifestEnding, root).pipe(
      catchError((thrown: unknown) => {
        const { message } = toDownloadError(thrown);
        onTrouble(`The manifest that an earlier run left cannot be used, and is asked for anew: ${message}`);
        return EMPTY;
      }),
    );
  return paths.pipe(concatMap(usable), take(1), defaultIfEmpty(undefined));
}

/** The manifest in a file, nothing where there is no file. Errors with `INVALID_MANIFEST` or `LOCAL_IO`. */
function manifestAt(path: string, root: string): Observable<Manifest> {
  return manifestFile(path)
    .load(root)
    .pipe(
      filter((found) => found !== undefined),
      map((found) => {
        if ("damage" in found) throw new DownloadError("INVALID_MANIFEST", `${path}: ${found.damage}`);
        return found;
      }),
    );
}
