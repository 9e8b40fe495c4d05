import { defer, map, type Observable, switchMap } from "rxjs";
import { manifestOfFile } from "../../adapters/node/manifestOfFile.js";
import { chunkCount, digestOf } from "../../manifest/chunks.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { sameBytes } from "../../transfer/verifyChunk.js";
import { kindOfInput, readMetalinkFile } from "./inputFile.js";

/** How a file compares with a manifest. */
export interface Verification {
  readonly manifest: Manifest;
  /** Bytes that the file has. */
  readonly size: number;
  /** Chunks whose digest differs, or that are not there whole. */
  readonly badChunks: readonly number[];
  /** Whether it is the very file. */
  readonly matches: boolean;
}

/**
 * Hashes `file` and compares each chunk with the `.meta4` at `manifestPath`. Emits once, also when they differ. Unsubscribing
 * stops. Errors with `FILE_NOT_FOUND`, `LOCAL_IO` or `INVALID_MANIFEST`.
 */
export function verifyFile(file: string, manifestPath: string): Observable<Verification> {
  return readMetalinkFile(manifestPath).pipe(
    switchMap(({ manifest }) =>
      defer(() => kindOfInput(file)).pipe(
        switchMap(() => manifestOfFile(file, { name: manifest.name, chunkSize: manifest.chunkSize })),
        map((found) => compare(manifest, found)),
      ),
    ),
  );
}

function compare(manifest: Manifest, found: Manifest): Verification {
  const badChunks = Array.from({ length: chunkCount(manifest) }, (_, index) => index).filter(
    (index) => index >= chunkCount(found) || !sameBytes(digestOf(manifest, index), digestOf(found, index)),
  );
  return { manifest, size: found.size, badChunks, matches: found.root === manifest.root };
}
