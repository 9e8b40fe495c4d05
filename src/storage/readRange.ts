import { concatMap, defer, type Observable, range, takeWhile } from "rxjs";
import type { ChunkSink } from "./ChunkSink.js";

const pieceBytes = 1024 * 1024;

/**
 * Bytes that a sink has of `length` from `offset`, in order and in pieces of at most 1 MiB, each read when the one before was
 * taken. Fewer where the bytes written so far end.
 */
export function readRange(sink: Pick<ChunkSink, "read">, offset: number, length: number): Observable<Uint8Array> {
  return defer(() => range(0, Math.ceil(length / pieceBytes))).pipe(
    concatMap((n) => {
      const start = n * pieceBytes;
      return sink.read(offset + start, Math.min(pieceBytes, length - start));
    }),
    takeWhile((bytes) => bytes.length === pieceBytes, true),
  );
}
