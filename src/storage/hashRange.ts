import { defer, map, type Observable, reduce } from "rxjs";
import type { Sha256 } from "../manifest/Hasher.js";
import type { ChunkSink } from "./ChunkSink.js";
import { readRange } from "./readRange.js";

/**
 * SHA-256 of `length` bytes from `offset` as the sink has them; one emission, `undefined` when it has fewer. Reads 1 MiB at a
 * time, so that a chunk's size costs no memory.
 */
export function hashRange(
  sink: Pick<ChunkSink, "read">,
  { offset, length }: { readonly offset: number; readonly length: number },
  sha256: Sha256,
): Observable<Uint8Array | undefined> {
  return defer(() => {
    const hasher = sha256();
    return readRange(sink, offset, length).pipe(
      reduce((done, bytes) => {
        hasher.update(bytes);
        return done + bytes.length;
      }, 0),
      map((done) => (done === length ? hasher.digest() : undefined)),
    );
  });
}
