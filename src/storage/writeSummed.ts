import { concat, defer, type Observable, of } from "rxjs";
import type { ChunkSink } from "./ChunkSink.js";
import type { Crc32 } from "./crc32.js";

/** Writes, and emits the CRC-32 of the bytes, which the sink makes if it can. */
export function writeSummed(
  sink: Pick<ChunkSink, "write" | "writeSummed">,
  crc32: Crc32,
  { offset, bytes }: { readonly offset: number; readonly bytes: Uint8Array },
): Observable<number> {
  if (sink.writeSummed !== undefined) return sink.writeSummed(offset, bytes);
  return concat(
    sink.write(offset, bytes),
    defer(() => of(crc32(bytes))),
  );
}
