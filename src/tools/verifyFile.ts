import { basename } from "node:path";
import { defer, map, type Observable, switchMap, tap } from "rxjs";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { type HashedFile, hashFile } from "../adapters/node/hashFile.js";
import { DownloadError } from "../errors/DownloadError.js";
import { chunkCount, digestOf } from "../manifest/chunks.js";
import type { Manifest } from "../manifest/Manifest.js";
import { sameBytes } from "../transfer/verifyChunk.js";
import { type FileSelection, selectFile } from "../discovery/selectFiles.js";
import { kindOfInput } from "./inputFile.js";
import { metalinkFiles, type MetalinkFilesOptions } from "./metalinkFiles.js";

/** How a file compares with what a metalink says of it. */
export interface Verification {
  readonly expected: MetalinkFile;
  /** Bytes that the file has. */
  readonly size: number;
  /** SHA-256 of all of it, 64 hex digits. */
  readonly sha256: string;
  /** Chunks whose digest differs, or that are not there whole; none when the metalink has no piece hashes. */
  readonly badChunks: readonly number[];
  /** Whether it is the very file. */
  readonly matches: boolean;
}

export interface VerifyFileOptions extends MetalinkFilesOptions {
  /** The file of the metalink, by its name or its place from 1. @default the only one, or the one with the name of `file` */
  readonly select?: FileSelection;
}

/**
 * Hashes `file` and compares it with the `.meta4` at a path or URL: size, each chunk if there are piece hashes, and the hash of
 * the whole if there is one. Emits once, also when they differ. Unsubscribing stops. Errors with `FILE_NOT_FOUND`, `LOCAL_IO` or
 * `INVALID_MANIFEST`, the last also when there is no hash to compare with.
 */
export function verifyFile(
  file: string,
  metalink: string,
  { select, ...fetching }: VerifyFileOptions = {},
): Observable<Verification> {
  return metalinkFiles(metalink, fetching).pipe(
    map((files) => selectFile(files, select ?? (files.length > 1 ? basename(file) : undefined))),
    tap(checkHashes),
    switchMap((expected) =>
      defer(() => kindOfInput(file)).pipe(
        switchMap(() => hashFile(file, expected.manifest && { chunkSize: expected.manifest.chunkSize })),
        map((found) => compare(expected, found)),
      ),
    ),
  );
}

function checkHashes({ name, manifest, sha256 }: MetalinkFile): void {
  if (manifest !== undefined || sha256 !== undefined) return;
  throw new DownloadError("INVALID_MANIFEST", `the metalink has no SHA-256 of ${JSON.stringify(name)} to compare with`);
}

function compare(expected: MetalinkFile, { manifest, sha256 }: HashedFile): Verification {
  const { size } = manifest;
  const badChunks = expected.manifest === undefined ? [] : differingChunks(expected.manifest, manifest);
  const sameSize = size === (expected.size ?? size);
  const matches = sameSize && badChunks.length === 0 && sha256 === (expected.sha256 ?? sha256);
  return { expected, size, sha256, badChunks, matches };
}

function differingChunks(manifest: Manifest, found: Manifest): readonly number[] {
  return Array.from({ length: chunkCount(manifest) }, (_, index) => index).filter(
    (index) => index >= chunkCount(found) || !sameBytes(digestOf(manifest, index), digestOf(found, index)),
  );
}
