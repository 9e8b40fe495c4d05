import { catchError, type Observable, of, switchMap, throwError } from "rxjs";
import { isPrivate } from "../adapters/network/isPrivate.js";
import { sha256 } from "../adapters/node/sha256.js";
import type { Discovery } from "../discovery/Discovery.js";
import { mostTextBytes } from "../discovery/fetchText.js";
import { type TextSource, titleOf } from "../discovery/parseSources.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { readTextSource, type ReadTextSourceConfig } from "./readTextSource.js";

export interface ReadMetalinkSourceConfig extends ReadTextSourceConfig {
  /** True when the document is a stranger's, wherever it is kept, or its address is: it leads to the public network alone then. @default false */
  readonly isForeign?: boolean;
}

/**
 * The files that a metalink names, from its path or its `http(s)` URL; a file out of one is itself the list. Errors with what
 * fetching it said, or with `FILE_NOT_FOUND`, `LOCAL_IO` or `INVALID_MANIFEST`, which name the document.
 */
export function readMetalinkSource(
  metalink: TextSource,
  { http, maxBytes = mostTextBytes, isForeign = false }: ReadMetalinkSourceConfig,
  discovery: Discovery,
): Observable<readonly MetalinkFile[]> {
  if (typeof metalink !== "string") return of([metalink]);
  const access = isForeign ? { ...http, publicOnly: true } : http;
  return readTextSource(metalink, { http: access, maxBytes }, discovery).pipe(
    switchMap(async ({ text, isPublic }) => {
      // Loaded here, for it is much, and most downloads have no metalink.
      const { readMetalink } = await import("../adapters/metalink/readMetalink.js");
      // A document has no more characters than bytes.
      const files = readMetalink(text, sha256, { maxLength: maxBytes });
      return isPublic || isForeign ? files.map(inPublic) : files;
    }),
    catchError((error: unknown) => throwError(() => ofDocument(titleOf(metalink), error))),
  );
}

/** A file without addresses of this machine or its network, which nobody out there may name; whether other names lead there shows when they are dialled. */
function inPublic(file: MetalinkFile): MetalinkFile {
  return { ...file, urls: file.urls.filter((url) => !isPrivate(url)), publicOnly: true };
}

/** An error from inside a document, which does not say which one, with its title. */
function ofDocument(title: string, error: unknown): unknown {
  if (!(error instanceof DownloadError) || error.code !== "INVALID_MANIFEST") return error;
  return new DownloadError(error.code, `${title}: ${error.message}`, { cause: error });
}
