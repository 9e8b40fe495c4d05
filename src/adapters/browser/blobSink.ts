import { defer, EMPTY, from, ignoreElements, map, type Observable, of, switchMap, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import { BlobExtents } from "./BlobExtents.js";

/** A sink whose bytes are a `Blob` in the end. */
export interface BlobSink extends ChunkSink {
  /** The file, once `finish` has succeeded; empty before. */
  blob(): Blob;
  /** Tells whether `finish` has succeeded. */
  finished(): boolean;
}

/**
 * Keeps a file's bytes as a `Blob` a write, joined without a copy at the end. A browser holds what is in them outside the page's own memory, and puts
 * it on its disk when there is too much.
 */
export function blobSink(): BlobSink {
  const extents = new BlobExtents();
  let last = 0;
  let changes = 0;
  let opened: number | undefined;
  let finished: Blob | undefined;

  const stamp = () => `${extents.end}-${changes}`;
  /** Does the work with the size it was opened for. */
  const whenOpen = <T>(work: (size: number) => T): Observable<T> =>
    defer(() => (opened === undefined ? throwError(() => refusal("it is not open")) : of(work(opened))));

  return {
    isPrivate: true,
    open: (size) =>
      defer(() => {
        if (opened !== undefined) return throwError(() => refusal("it is in use already"));
        const found = extents.end > 0 ? { size: extents.end, stamp: stamp() } : { size: 0 };
        last = 0;
        opened = size;
        return of(found);
      }),
    write: (offset, bytes) =>
      whenOpen((size) => {
        if (offset < 0 || offset + bytes.length > size) {
          throw refusal(`it has room for ${size} bytes, got ${bytes.length} for offset ${offset}`);
        }
        last = offset + bytes.length;
        extents.put(offset, bytes);
        changes += 1;
      }).pipe(ignoreElements()),
    read: (offset, length) =>
      whenOpen(() => extents.range(offset, offset + length)).pipe(
        switchMap((blob) => readable(blob)),
        map((bytes) => new Uint8Array(bytes)),
      ),
    sync: () => whenOpen(stamp),
    finish: () =>
      whenOpen((size) => {
        const wanted = size === Infinity ? last : size;
        if (extents.end < wanted) throw refusal(`it has ${extents.end} bytes, expected ${wanted}: it is not whole`);
        extents.truncate(wanted);
        return extents.range(0, wanted);
      }).pipe(
        // A Blob for which the browser has no room is found out when it is read, be it in one byte.
        switchMap((whole) => readable(whole.slice(0, 1)).pipe(map(() => whole))),
        map((whole) => {
          finished = whole;
          opened = undefined;
        }),
        ignoreElements(),
      ),
    close: () =>
      defer(() => {
        opened = undefined;
        return EMPTY;
      }),
    blob: () => finished ?? new Blob(),
    finished: () => finished !== undefined,
  };
}

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

function refusal(reason: string): DownloadError {
  return new DownloadError("LOCAL_IO", `blob sink: ${reason}`);
}
