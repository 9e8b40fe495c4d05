import type { Observable } from "rxjs";
import { checkOptions, checkShape, type OptionShape, type OptionShapes } from "../../operators/checkOptions.js";
import { aNumber, aText, either } from "../../operators/optionShapes.js";
import { downloadShapes } from "../download/DownloadConfig.js";
import { type Address, addressText } from "../protocol/Address.js";
import { accessShapes } from "./accessShapes.js";
import { lonelyDiscovery } from "../discovery/Discovery.js";
import { type GivenRetryConfig, resolveRetryConfig } from "../download/RetryConfig.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { type AccessOptions, httpOptions } from "./httpOptions.js";
import { readMetalinkSource } from "./readMetalinkSource.js";
import type { ReadTextSourceConfig } from "./readTextSource.js";

/** How a metalink is fetched from a URL. */
export interface MetalinkFilesOptions extends AccessOptions {
  /** Retries and time limits: those of a chunk. @default as in a download */
  readonly retry?: GivenRetryConfig | undefined;
  /** Bytes that it may have, at a path or URL. @default 4194304 */
  readonly maxMetalinkBytes?: number | undefined;
}

/** Bytes that a metalink may have. */
export const maxMetalinkBytes = aNumber(1, Infinity, "a number of bytes, at least 1");

/** The path or the address of a document; `must` is how a wrong one is told. */
const anAddress = (must: string): OptionShape =>
  either(aText(must), {
    must: "a URL",
    fits: (value) => value instanceof URL,
  });

export const metalinkShapes: OptionShapes<MetalinkFilesOptions> = {
  ...accessShapes,
  retry: downloadShapes.retry,
  maxMetalinkBytes,
};

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
  metalink: Address,
  options: MetalinkFilesOptions = {},
): Observable<readonly MetalinkFile[]> {
  checkOptions("metalinkFiles", options, metalinkShapes);
  checkShape("metalink", metalink, anAddress("the path or address of a .meta4"));
  const { retry, ...given } = options;
  return readMetalinkSource(addressText(metalink), metalinkReading(given), lonelyDiscovery(resolveRetryConfig(retry)));
}

/** How a metalink is read, from its options. */
export function metalinkReading({
  maxMetalinkBytes: maxBytes,
  ...access
}: Omit<MetalinkFilesOptions, "retry">): ReadTextSourceConfig {
  return { http: httpOptions(access), ...(maxBytes !== undefined && { maxBytes }) };
}
