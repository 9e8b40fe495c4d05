import { catchError, defer, finalize, type Observable, of, switchMap, throwError } from "rxjs";
import { HttpPeer } from "../adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../adapters/http/HttpPeerOptions.js";
import { readTextFile } from "../adapters/node/readTextFile.js";
import { sha256 } from "../adapters/node/sha256.js";
import type { Discovery } from "../discovery/Discovery.js";
import { fetchText, mostTextBytes } from "../discovery/fetchText.js";
import { type Source, titleOf } from "../discovery/parseSources.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { inputError } from "./inputFile.js";

export interface ReadMetalinkSourceConfig {
  /** How a URL is reached. */
  readonly http: HttpPeerOptions;
  /** Bytes of a document. @default 4194304 */
  readonly maxBytes?: number | undefined;
}

/**
 * The files that a metalink names, from its path or its `http(s)` URL; a file out of one is itself the list. Errors with what
 * fetching it said, or with `FILE_NOT_FOUND`, `LOCAL_IO` or `INVALID_MANIFEST`, which name the document.
 */
export function readMetalinkSource(
  metalink: Source,
  { http, maxBytes = mostTextBytes }: ReadMetalinkSourceConfig,
  discovery: Discovery,
): Observable<readonly MetalinkFile[]> {
  if (typeof metalink !== "string") return of([metalink]);
  const fetched = defer(() => {
    const peer = new HttpPeer(metalink, http);
    return fetchText(peer, discovery, maxBytes).pipe(finalize(() => peer.close()));
  });
  return (/^https?:/i.test(metalink) ? fetched : readText(metalink, maxBytes)).pipe(
    switchMap(async (xml) => {
      // Loaded here, for it is much, and most downloads have no metalink.
      const { readMetalink } = await import("../adapters/metalink/readMetalink.js");
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

/** An error from inside a document, which does not say which one, with its title. */
function ofDocument(title: string, error: unknown): unknown {
  if (!(error instanceof DownloadError) || error.code !== "INVALID_MANIFEST") return error;
  return new DownloadError(error.code, `${title}: ${error.message}`, { cause: error });
}
