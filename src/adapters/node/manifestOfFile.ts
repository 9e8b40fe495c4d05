import { type BigIntStats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { basename } from "node:path";
import { catchError, defer, from, map, type Observable, switchMap, tap, throwError } from "rxjs";
import { buildManifest } from "../../manifest/buildManifest.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { localError } from "./localError.js";
import type { OpenFileOptions } from "./openFile.js";
import { readPieces } from "./readPieces.js";
import { notAFile } from "./regularFile.js";
import { sha256 } from "./sha256.js";
import { stampOf } from "./stampOf.js";

export interface ManifestOfFileOptions {
  /** The name that the manifest suggests. @default the file's own */
  readonly name?: string | undefined;
  /** Bytes a chunk; readers take at most 64 MiB unless told otherwise. @default chunkSizeFor(size) */
  readonly chunkSize?: number | undefined;
}

/** How a file is found. Links are followed, which is the owner's to choose, unless it has to lie in a folder. */
export type FindFile = Pick<OpenFileOptions, "within">;

/**
 * Hashes a file from its start to its end and emits its manifest; unsubscribing stops at the next MiB. Errors with `LOCAL_IO`,
 * or with `RESOURCE_CHANGED` or `INVALID_MANIFEST` when the file changes meanwhile.
 */
export function manifestOfFile(path: string, options: ManifestOfFileOptions = {}): Observable<Manifest> {
  return statOfFile(path).pipe(switchMap((stats) => manifestOfStats(path, stats, options)));
}

/**
 * Manifest of a file that has been looked at already, so that it is known which one the manifest speaks of; emits and errors as `manifestOfFile`
 * does. Each piece that is hashed is shown first; it is overwritten afterwards.
 */
export function manifestOfStats(
  path: string,
  stats: BigIntStats,
  { name = basename(path), chunkSize, within }: ManifestOfFileOptions & FindFile,
  onPiece: (piece: Uint8Array) => void = () => undefined,
): Observable<Manifest> {
  const facts = { name, size: Number(stats.size), ...(chunkSize !== undefined && { chunkSize }) };
  return defer(() => from(readPieces(path, stampOf(stats), { within }))).pipe(
    tap(onPiece),
    buildManifest(facts, sha256),
    catchError((error: unknown) => throwError(() => localError("read", path, error))),
  );
}

/** One emission; `LOCAL_IO` when there is no such file. */
export function statOfFile(path: string, { within }: FindFile = {}): Observable<BigIntStats> {
  return defer(() => (within === undefined ? stat : lstat)(path, { bigint: true })).pipe(
    map((stats) => {
      if (!stats.isFile()) throw notAFile(path, stats, "a file");
      return stats;
    }),
    catchError((error: unknown) => throwError(() => localError("read", path, error))),
  );
}
