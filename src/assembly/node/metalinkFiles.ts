import type { Observable } from "rxjs";
import type { MetalinkFile } from "../../adapters/metalink/MetalinkFile.js";
import { resolveRetryConfig, type RetryConfig } from "../../download/RetryConfig.js";
import { fetchDocument } from "../fetchDocument.js";
import { type Access, httpOptions } from "./httpOptions.js";
import { readMetalinkSource, type ReadMetalinkSourceConfig } from "./readMetalinkSource.js";

/** How a metalink is fetched from a URL. */
export interface MetalinkFilesOptions extends Access {
  /** Retries and time limits: those of a chunk. @default as in a download */
  readonly retry?: Partial<RetryConfig>;
  /** Bytes that it may have, at a path or URL. @default 4194304 */
  readonly maxMetalinkBytes?: number;
}

/**
 * The files that a `.meta4` at a path or `http(s)` URL names, each of which `downloadFile` takes as a source:
 *
 *     metalinkFiles("all.meta4").pipe(mergeAll(), concatMap((file) => downloadFile(file)))
 *
 * Emits once. Errors with `FILE_NOT_FOUND`, `LOCAL_IO`, `INVALID_MANIFEST` or what the server's answer means; unsubscribing
 * closes the connection.
 *
 * @throws RangeError at the call when `maxMetalinkBytes` is none.
 */
export function metalinkFiles(
  metalink: string,
  options: MetalinkFilesOptions = {},
): Observable<readonly MetalinkFile[]> {
  return readMetalinkSource(metalink, reading(options));
}

/** @throws RangeError when the limit is none. */
export function reading({ retry, maxMetalinkBytes, ...access }: MetalinkFilesOptions): ReadMetalinkSourceConfig {
  if (maxMetalinkBytes !== undefined && !(maxMetalinkBytes >= 1))
    throw new RangeError(`maxMetalinkBytes is ${maxMetalinkBytes}; it must be a number of bytes, at least 1`);
  const limit = { ...(maxMetalinkBytes !== undefined && { maxBytes: maxMetalinkBytes }) };
  return {
    ...limit,
    fetchText: (url) => fetchDocument(url, { http: httpOptions(access), retry: resolveRetryConfig(retry), ...limit }),
  };
}
