import { defer, map, type Observable, reduce } from "rxjs";
import type { ChunkSink } from "./ChunkSink.js";
import type { Crc32 } from "./crc32.js";
import { readRange } from "./readRange.js";

/** CRC-32 of `length` bytes from `offset` as the sink has them; one emission, `undefined` when it has fewer. */
export function sumRange(
  sink: Pick<ChunkSink, "read">,
  { offset, length }: { readonly offset: number; readonly length: number },
  crc32: Crc32,
): Observable<number | undefined> {
  return defer(() =>
    readRange(sink, offset, length).pipe(
      reduce((done, bytes) => ({ bytes: done.bytes + bytes.length, sum: crc32(bytes, done.sum) }), {
        bytes: 0,
        sum: 0,
      }),
      map(({ bytes, sum }) => (bytes === length ? sum : undefined)),
    ),
  );
}
