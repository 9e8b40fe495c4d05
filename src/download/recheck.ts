import type { Observable } from "rxjs";
import { concatMap, filter, from, map, of } from "rxjs";
import type { NewHasher } from "../manifest/Hasher.js";
import { chunkAt, digestOf } from "../manifest/chunks.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import type { Crc32 } from "../storage/crc32.js";
import { hashRange } from "../storage/hashRange.js";
import { sumRange } from "../storage/sumRange.js";
import { sameBytes } from "../transfer/verifyChunk.js";

/** The file on the disk, and by what its chunks are known. */
export interface CheckedFile {
  readonly manifest: FileFacts;
  readonly sink: Pick<ChunkSink, "read">;
  readonly hash: NewHasher;
  readonly crc32: Crc32;
  /** CRC-32 of a chunk as it came, where it has no digest. */
  readonly sumOf: (chunk: number) => number | undefined;
}

/** Looks at chunks that are said to be there, one after the other; emits the index of each that has the manifest's digest, or where there is none its sum. */
export function recheck(unchecked: readonly number[], file: CheckedFile): Observable<number> {
  return from(unchecked).pipe(
    concatMap((index) =>
      isRight(index, file).pipe(
        filter(Boolean),
        map(() => index),
      ),
    ),
  );
}

function isRight(index: number, { manifest, sink, hash, crc32, sumOf }: CheckedFile): Observable<boolean> {
  const chunk = chunkAt(manifest, index);
  const wanted = digestOf(manifest, index);
  if (wanted !== undefined) {
    return hashRange(sink, chunk, hash).pipe(map((found) => found !== undefined && sameBytes(found, wanted)));
  }
  const sum = sumOf(index);
  return sum === undefined ? of(false) : sumRange(sink, chunk, crc32).pipe(map((found) => found === sum));
}
