import { catchError, defer, from, map, type Observable, reduce, switchMap, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { ChunkDigester } from "../../manifest/buildManifest.js";
import type { Digest } from "../../manifest/Digest.js";
import type { NewHasher } from "../../manifest/Hasher.js";
import { hashName, type HashType } from "../../manifest/HashType.js";
import { hashes } from "./hashes.js";
import { localError } from "./localError.js";
import { statOfFile } from "./manifestOfFile.js";
import { readPieces } from "./readPieces.js";
import { stampOf } from "./stampOf.js";

export interface DigestsOfFileOptions {
  /** The function for the whole. @default it is not hashed */
  readonly whole?: HashType | undefined;
  /** How the chunks are cut and hashed. @default not at all */
  readonly chunks?: { readonly chunkSize?: number | undefined; readonly type: HashType } | undefined;
  /** Called with the bytes that have been read, after each MiB, and those that there are. @default nobody is told */
  readonly onHashed?: ((bytes: number, size: number) => void) | undefined;
}

export interface DigestsOfFile {
  /** Size of the file, bytes. */
  readonly size: number;
  readonly whole?: Digest;
  /** Bytes a chunk, and the digests of all, one after the other. */
  readonly chunks?: { readonly chunkSize: number; readonly digests: Uint8Array };
}

/**
 * Reads a file once, from its start to its end, and emits its digests; unsubscribing stops at the next MiB. Errors with `LOCAL_IO`, or with `RESOURCE_CHANGED`
 * or `INVALID_MANIFEST` when the file changes meanwhile; the last also for a function that this machine lacks.
 */
export function digestsOfFile(
  path: string,
  { whole: type, chunks, onHashed }: DigestsOfFileOptions = {},
): Observable<DigestsOfFile> {
  return statOfFile(path).pipe(
    switchMap((stats) => {
      const size = Number(stats.size);
      const whole = type && hasher(type)();
      const { chunkSize } = chunks ?? {};
      const facts = { name: path, size, ...(chunkSize !== undefined && { chunkSize }) };
      const digester = chunks && new ChunkDigester(facts, hasher(chunks.type));
      return defer(() => from(readPieces(path, stampOf(stats)))).pipe(
        reduce((read, piece) => {
          whole?.update(piece);
          digester?.add(piece);
          onHashed?.(read + piece.length, size);
          return read + piece.length;
        }, 0),
        map(() => ({
          size,
          ...(type && whole && { whole: { type, bytes: whole.digest() } }),
          ...(digester && { chunks: { chunkSize: digester.facts.chunkSize, digests: digester.digests() } }),
        })),
        catchError((error: unknown) => throwError(() => localError("read", path, error))),
      );
    }),
  );
}

function hasher(type: HashType): NewHasher {
  const found = hashes(type);
  if (found !== undefined) return found;
  throw new DownloadError("INVALID_MANIFEST", `there is no ${hashName(type)} on this machine to compare with`);
}
