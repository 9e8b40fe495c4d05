import type { ChunkSink } from "./ChunkSink.js";

/** Memory, bytes, from which a sink writes best. */
export function memoryOf(sink: Pick<ChunkSink, "memory">, bytes: number): Uint8Array {
  return sink.memory?.(bytes) ?? new Uint8Array(bytes);
}
