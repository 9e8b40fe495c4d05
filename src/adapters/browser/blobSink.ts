import { defer, from, ignoreElements, map, type Observable, of, switchMap } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import { SinkUse } from "../../storage/SinkUse.js";
import { BlobExtents } from "./BlobExtents.js";

/** A sink whose bytes are a `Blob` in the end. */
export interface BlobSink extends ChunkSink {
  /** The file, once `finish` has succeeded; empty before. */
  blob(): Blob;
  /** Tells whether `finish` has succeeded. */
  finished(): boolean;
  /** Bytes that are here, for others: also when the sink is not in use any more. */
  reader(): ProvenBytes;
}

/**
 * Keeps a file's bytes as a `Blob` a write, joined without a copy at the end. A browser holds what is in them outside the page's own memory, and puts
 * it on its disk when there is too much.
 */
export function blobSink(): BlobSink {
  const use = new SinkUse("blob sink");
  const extents = new BlobExtents();
  let changes = 0;
  let finished: Blob | undefined;

  const stamp = () => `${extents.end}-${changes}`;

  return {
    isPrivate: true,
    open: (size) => use.open(size, () => (extents.end > 0 ? { size: extents.end, stamp: stamp() } : { size: 0 })),
    write: (offset, bytes) =>
      use
        .whenOpen(() => {
          use.writes(offset, bytes.length);
          extents.put(offset, bytes);
          changes += 1;
        })
        .pipe(ignoreElements()),
    read: (offset, length) => use.whenOpen(() => extents.range(offset, offset + length)).pipe(switchMap(bytesOf)),
    sync: () => use.whenOpen(stamp),
    finish: () =>
      use
        .whenOpen(() => {
          const size = use.whole(extents.end);
          extents.truncate(size);
          return extents.range(0, size);
        })
        .pipe(
          // A Blob for which the browser has no room is found out when it is read, be it in one byte.
          switchMap((whole) => readable(whole.slice(0, 1)).pipe(map(() => whole))),
          map((whole) => {
            finished = whole;
            use.end();
          }),
          ignoreElements(),
        ),
    close: () => use.close(),
    blob: () => finished ?? new Blob(),
    finished: () => finished !== undefined,
    reader: () => ({
      // What was written last is read where it is: a Blob of it now would be one more of those that are dear.
      read: (offset, length) =>
        defer(() => {
          const fresh = extents.fresh(offset, offset + length);
          return fresh === undefined ? bytesOf(extents.range(offset, offset + length)) : of(fresh);
        }),
    }),
  };
}

const bytesOf = (blob: Blob): Observable<Uint8Array> => readable(blob).pipe(map((bytes) => new Uint8Array(bytes)));

/** The bytes of a Blob; errors with `LOCAL_IO` where the browser has lost them. */
function readable(blob: Blob): Observable<ArrayBuffer> {
  return defer(() =>
    from(
      blob.arrayBuffer().catch((cause: unknown) => {
        const words = cause instanceof Error ? cause.message : String(cause);
        throw new DownloadError("LOCAL_IO", `blob sink: the browser had no room for it: ${words}`, { cause });
      }),
    ),
  );
}
