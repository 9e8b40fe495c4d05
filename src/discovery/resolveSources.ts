import { map, type Observable, of } from "rxjs";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { DownloadError } from "../errors/DownloadError.js";
import { parsePlace, type Sources, type TextSource, titleOf } from "./parseSources.js";
import { type FileSelection, selectFile } from "./selectFiles.js";
import type { FileRequest } from "./FileRequest.js";

/** One file, with all that its sources tell of it; the hash of the whole as the document has it. */
export interface Resolved extends Omit<FileRequest, "whole">, Pick<MetalinkFile, "hash"> {}

export interface ResolveConfig {
  /** The files that a metalink names. */
  readonly read: (metalink: TextSource) => Observable<readonly MetalinkFile[]>;
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
      const { urls, pieces, publicOnly = false, ...facts } = selectFile(files, select);
      const known = root ?? facts.manifest?.root ?? linkedRoot(urls);
      if (facts.manifest !== undefined && known !== facts.manifest.root) {
        const message = `${titleOf(metalink)} describes ${facts.manifest.root}, but the other sources name ${known ?? ""}`;
        throw new DownloadError("INVALID_MANIFEST", message);
      }
      const mirrorsOfFile = [...new Set([...mirrors, ...mirrorsIn(urls)])];
      const seeders = [...new Set([...places, ...placesIn(urls, known)])];
      if (facts.size === undefined && mirrorsOfFile.length + seeders.length === 0) {
        const text = `${titleOf(metalink)} has neither a size nor an address that we speak of ${JSON.stringify(facts.name)}`;
        throw new DownloadError("INVALID_MANIFEST", text);
      }
      return {
        ...facts,
        ...(known === undefined ? pieces && { pieces } : { root: known }),
        places: seeders,
        mirrors: mirrorsOfFile,
        named: without([...seeders, ...mirrorsOfFile], [...places, ...mirrors]).map((url) => ({
          ...{ url, publicOnly },
          source: "metalink" as const,
        })),
      };
    }),
  );
}

function without(all: readonly string[], given: readonly string[]): readonly string[] {
  return all.filter((address) => !given.includes(address));
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
