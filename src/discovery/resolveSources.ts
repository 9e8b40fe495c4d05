import { map, type Observable, of } from "rxjs";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { DownloadError } from "../errors/DownloadError.js";
import { parsePlace, type Source, type Sources, titleOf } from "./parseSources.js";
import { type FileSelection, selectFile } from "./selectFiles.js";
import type { FileRequest } from "./FileRequest.js";

/** One file, with all that its sources tell of it; the hash of the whole as 64 hex digits. */
export interface Resolved extends Omit<FileRequest, "sha256"> {
  readonly sha256?: string;
}

export interface ResolveConfig {
  /** The files that a metalink names. */
  readonly read: (metalink: Source) => Observable<readonly MetalinkFile[]>;
  /** The file of a metalink that is meant. @default the only one */
  readonly select?: FileSelection | undefined;
}

/**
 * Reads the metalink, if one was given, and joins what it says with the other sources. Errors with `INVALID_MANIFEST` when they
 * contradict each other, and as `read` and `selectFile` do.
 */
export function resolveSources(sources: Sources, { select, read }: ResolveConfig): Observable<Resolved> {
  const { root, metalink, places, mirrors } = sources;
  if (metalink === undefined) return of({ ...(root !== undefined && { root }), places, mirrors });
  return read(metalink).pipe(
    map((files) => {
      const { urls, ...facts } = selectFile(files, select);
      const known = root ?? facts.manifest?.root ?? linkedRoot(urls);
      if (facts.manifest !== undefined && known !== facts.manifest.root) {
        const message = `${titleOf(metalink)} describes ${facts.manifest.root}, but the other sources name ${known ?? ""}`;
        throw new DownloadError("INVALID_MANIFEST", message);
      }
      return {
        ...facts,
        ...(known !== undefined && { root: known }),
        places: [...new Set([...places, ...placesIn(urls, known)])],
        mirrors: [...new Set([...mirrors, ...mirrorsIn(urls)])],
      };
    }),
  );
}

function linkedRoot(urls: MetalinkFile["urls"]): string | undefined {
  return urls.map((url) => placeIn(url)?.root).find((root) => root !== undefined);
}

function placesIn(urls: MetalinkFile["urls"], root: string | undefined): readonly string[] {
  return urls.flatMap((url) => {
    const found = placeIn(url);
    return found !== undefined && (found.root ?? root) === root ? [found.place] : [];
  });
}

function placeIn(url: string): ReturnType<typeof parsePlace> | undefined {
  if (!/^wss?:/i.test(url)) return undefined;
  try {
    return parsePlace(url);
  } catch {
    // An address that we cannot use; there may be better ones.
    return undefined;
  }
}

function mirrorsIn(urls: MetalinkFile["urls"]): readonly string[] {
  return urls.filter((url) => /^https?:/i.test(url)).map((url) => new URL(url).href);
}
