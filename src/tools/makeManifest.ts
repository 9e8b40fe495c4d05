import { defer, map, type Observable, switchMap } from "rxjs";
import { isSpoken } from "../adapters/metalink/metalinkSchema.js";
import { writeMetalink } from "../adapters/metalink/writeMetalink.js";
import { hashFile } from "../adapters/node/hashFile.js";
import type { ManifestOfFileOptions } from "../adapters/node/manifestOfFile.js";
import { printableUrl } from "../errors/printableUrl.js";
import type { Manifest } from "../manifest/Manifest.js";
import { kindOfInput } from "./inputFile.js";

export interface MakeManifestOptions extends ManifestOfFileOptions {
  /** Where the file can be had, the best place first. @default none */
  readonly urls?: readonly string[];
}

/** A manifest, and the same as a Metalink 4 document, which also has the hash of the whole file. */
export interface MadeManifest {
  readonly manifest: Manifest;
  readonly metalink: string;
}

/**
 * Hashes a file. Emits once; unsubscribing stops. Errors with `FILE_NOT_FOUND`, `LOCAL_IO` or `RESOURCE_CHANGED`.
 *
 * @throws TypeError at the call for an address that whoever reads the manifest would pass over.
 */
export function makeManifest(
  file: string,
  { urls = [], ...options }: MakeManifestOptions = {},
): Observable<MadeManifest> {
  const wrong = urls.find((url) => !isSpoken(url));
  if (wrong !== undefined) {
    throw new TypeError(
      `${JSON.stringify(printableUrl(wrong))} is no address; it must be a ws://, wss://, http:// or https:// URL`,
    );
  }
  return defer(() => kindOfInput(file)).pipe(
    switchMap(() => hashFile(file, options)),
    map(({ manifest, sha256 }) => ({ manifest, metalink: writeMetalink(manifest, urls, sha256) })),
  );
}
