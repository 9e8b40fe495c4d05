import type { Observable } from "rxjs";
import { lonelyDiscovery } from "../discovery/Discovery.js";
import { resolveRetryConfig, type RetryConfig } from "../download/RetryConfig.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { type Access, httpOptions } from "./httpOptions.js";
import { readMetalinkSource } from "./readMetalinkSource.js";
import type { ReadTextSourceConfig } from "./readTextSource.js";

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
  { retry, ...options }: MetalinkFilesOptions = {},
): Observable<readonly MetalinkFile[]> {
  return readMetalinkSource(metalink, metalinkReading(options), lonelyDiscovery(resolveRetryConfig(retry)));
}

/** @throws RangeError when the limit is none. */
export function metalinkReading({
  maxMetalinkBytes: maxBytes,
  ...access
}: Omit<MetalinkFilesOptions, "retry">): ReadTextSourceConfig {
  if (maxBytes !== undefined && !(maxBytes >= 1))
    throw new RangeError(`maxMetalinkBytes is ${maxBytes}; it must be a number of bytes, at least 1`);
  return { http: httpOptions(access), ...(maxBytes !== undefined && { maxBytes }) };
}
