import type { Observable } from "rxjs";
import { concatMap, EMPTY, from, of } from "rxjs";
import type { Sha256 } from "../manifest/Hasher.js";
import { chunkAt, digestOf } from "../manifest/chunks.js";
import type { Manifest } from "../manifest/Manifest.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import { sameBytes } from "../transfer/verifyChunk.js";

/** Hashes chunks that are said to be there, one after the other; emits the index of each that is right. */
export function recheck(
  suspects: readonly number[],
  manifest: Manifest,
  sink: ChunkSink,
  digest: Sha256,
): Observable<number> {
  return from(suspects).pipe(
    concatMap((index) => {
      const { offset, length } = chunkAt(manifest, index);
      return sink.read(offset, length).pipe(
        concatMap((bytes) => {
          const hasher = digest();
          hasher.update(bytes);
          return bytes.length === length && sameBytes(hasher.digest(), digestOf(manifest, index)) ? of(index) : EMPTY;
        }),
      );
    }),
  );
}
