import { catchError, defer, type Observable, of, switchMap, throwError } from "rxjs";
import type { MetalinkFile } from "../../adapters/metalink/MetalinkFile.js";
import { readTextFile } from "../../adapters/node/readTextFile.js";
import { sha256 } from "../../adapters/node/sha256.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { mostDocumentBytes } from "../fetchDocument.js";
import { type Source, titleOf } from "../parseSources.js";
import { inputError } from "./inputFile.js";

/** Brings the text at a URL, once. */
type FetchText = (url: string) => Observable<string>;

export interface ReadMetalinkSourceConfig {
  /** Brings what is at a URL, of at most `maxBytes`. */
  readonly fetchText: FetchText;
  /** Bytes of a document. @default 4194304 */
  readonly maxBytes?: number | undefined;
}

/**
 * The files that a metalink names, from its path or its `http(s)` URL; a file out of one is itself the list. Errors with what
 * fetching it said, or with `FILE_NOT_FOUND`, `LOCAL_IO` or `INVALID_MANIFEST`, which name the document.
 */
export function readMetalinkSource(
  metalink: Source,
  { fetchText, maxBytes = mostDocumentBytes }: ReadMetalinkSourceConfig,
): Observable<readonly MetalinkFile[]> {
  if (typeof metalink !== "string") return of([metalink]);
  const isUrl = /^https?:/i.test(metalink);
  return (isUrl ? fetchText(metalink) : readText(metalink, maxBytes)).pipe(
    switchMap(async (xml) => {
      // Loaded here, for it is much, and most downloads have no metalink.
      const { readMetalink } = await import("../../adapters/metalink/readMetalink.js");
      // A document has no more characters than bytes.
      return readMetalink(xml, sha256, { maxLength: maxBytes });
    }),
    catchError((error: unknown) => throwError(() => ofDocument(titleOf(metalink), error))),
  );
}

function readText(path: string, maxBytes: number): Observable<string> {
  return defer(() =>
    readTextFile(path, { maxBytes, tooLong: "INVALID_MANIFEST" }).catch((cause: unknown) => {
      throw inputError(path, cause);
    }),
  );
}

/** What is wrong inside a document does not say which one. */
function ofDocument(title: string, error: unknown): unknown {
  if (!(error instanceof DownloadError) || error.code !== "INVALID_MANIFEST") return error;
  return new DownloadError(error.code, `${title}: ${error.message}`, { cause: error });
}
