import { concatMap, defer, map, type Observable, of, reduce } from "rxjs";
import type { Sha256 } from "../manifest/Hasher.js";
import type { ChunkSink } from "./ChunkSink.js";
import { readRange } from "./readRange.js";

/** Bytes that are read at once where their digest is made of all of them. */
const mostWhole = 8 * 1024 * 1024;

/**
 * SHA-256 of `length` bytes from `offset` as the sink has them; one emission, `undefined` when it has fewer. Reads 1 MiB at a
 * time, so that a chunk's size costs no memory, and tells how much it has, or a chunk at once where the platform digests a whole.
 */
export function hashRange(
  sink: Pick<ChunkSink, "read">,
  { offset, length }: { readonly offset: number; readonly length: number },
  sha256: Sha256,
  onHashed: (bytes: number) => void = () => undefined,
): Observable<Uint8Array | undefined> {
  const { whole } = sha256;
  if (whole !== undefined && length <= mostWhole) {
    return sink
      .read(offset, length)
      .pipe(concatMap((bytes) => (bytes.length === length ? whole(bytes) : of(undefined))));
  }
  return defer(() => {
    const hasher = sha256();
    return readRange(sink, offset, length).pipe(
      reduce((done, bytes) => {
        hasher.update(bytes);
        onHashed(done + bytes.length);
        return done + bytes.length;
      }, 0),
      map((done) => (done === length ? hasher.digest() : undefined)),
    );
  });
}
