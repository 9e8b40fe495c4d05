import type { ChunkSink } from "./ChunkSink.js";

/** The part of a sink that sums what it writes, if it has one, for a sink that stands in its place. */
export function summedBy(sink: ChunkSink): Pick<ChunkSink, "writeSummed"> {
  return sink.writeSummed === undefined ? {} : { writeSummed: sink.writeSummed.bind(sink) };
}
