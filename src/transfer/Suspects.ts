import type { Observable } from "rxjs";
import { concatMap, EMPTY, from, ignoreElements, tap } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Chunk } from "../manifest/Manifest.js";
import type { PeerPool } from "../peers/PeerPool.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import { hashRange } from "../storage/hashRange.js";
import type { Segment } from "./Segments.js";
import { sameBytes } from "./verifyChunk.js";

/**
 * Peers that together brought a chunk that was wrong, with a digest of what each of them brought: once the chunk is right, the
 * ranges are compared, and only the liars are quarantined. After the smart ban of libtorrent.
 */
export class Suspects {
  #segments: readonly (Segment & { readonly peer: string })[] = [];

  /** The peers that had a part in the wrong chunk. */
  get peers(): ReadonlySet<string> {
    return new Set(this.#segments.map(({ peer }) => peer));
  }

  add(segments: readonly Segment[]): void {
    const named = segments.flatMap((segment) =>
      segment.peer === undefined ? [] : [{ ...segment, peer: segment.peer }],
    );
    this.#segments = [...this.#segments, ...named];
  }

  /** Compares with the right bytes, which the sink now has, and quarantines the liars. */
  convict(chunk: Chunk, sink: ChunkSink, sha256: Sha256, pool: PeerPool): Observable<never> {
    if (this.#segments.length === 0) return EMPTY;
    return from(this.#segments).pipe(
      concatMap(({ peer, start, end, digest }) =>
        hashRange(sink, { offset: chunk.offset + start, length: end - start }, sha256).pipe(
          tap((right) => {
            // Bytes that are not there are our own disk's fault.
            if (right === undefined || sameBytes(right, digest)) return;
            const text = `${peer} brought wrong bytes ${start} to ${end} of chunk ${chunk.index}`;
            pool.quarantine(peer, new DownloadError("CHECKSUM_MISMATCH", text, { chunk: chunk.index, peer }));
          }),
        ),
      ),
      ignoreElements(),
    );
  }
}
