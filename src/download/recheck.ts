import type { Observable } from "rxjs";
import { concatMap, filter, from, map } from "rxjs";
import type { Sha256 } from "../manifest/Hasher.js";
import { chunkAt, digestOf } from "../manifest/chunks.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import { hashRange } from "../storage/hashRange.js";
import { sameBytes } from "../transfer/verifyChunk.js";

/** Hashes chunks that are said to be there, one after the other; emits the index of each that has the manifest's digest. */
export function recheck(
  suspects: readonly number[],
  manifest: FileFacts,
  sink: ChunkSink,
  digest: Sha256,
): Observable<number> {
  return from(suspects).pipe(
    concatMap((index) => {
      const wanted = digestOf(manifest, index);
      return hashRange(sink, chunkAt(manifest, index), digest).pipe(
        filter((found) => found !== undefined && wanted !== undefined && sameBytes(found, wanted)),
        map(() => index),
      );
    }),
  );
}
