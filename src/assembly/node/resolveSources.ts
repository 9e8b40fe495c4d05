import { map, type Observable, of } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { readMetalinkFile } from "./inputFile.js";
import type { Wanted } from "../assemble.js";
import { parsePlace, type Sources } from "../parseSources.js";

/** Reads the metalink, if one was given. Errors with `FILE_NOT_FOUND`, `LOCAL_IO` or `INVALID_MANIFEST`. */
export function resolveSources({ root, metalink, places }: Sources): Observable<Wanted> {
  if (metalink === undefined) return of({ root: root ?? "", places });
  return readMetalinkFile(metalink).pipe(
    map(({ manifest, urls }) => {
      if (root !== undefined && root !== manifest.root) {
        const message = `${metalink} describes ${manifest.root}, but the other sources name ${root}`;
        throw new DownloadError("INVALID_MANIFEST", message);
      }
      return { root: manifest.root, places: [...new Set([...places, ...placesIn(urls, manifest)])], manifest };
    }),
  );
}

function placesIn(urls: readonly string[], { root }: Manifest): readonly string[] {
  return urls.flatMap((url) => {
    try {
      const { place, root: named } = parsePlace(url);
      return named === undefined || named === root ? [place] : [];
    } catch {
      // An address of another kind; there may be better ones.
      return [];
    }
  });
}
