import { defer, type Observable, of } from "rxjs";
import type { ChunkSink, Doubt } from "./ChunkSink.js";

/** As the sink says; one that cannot tell is believed. One emission. */
export function doubtOf(sink: Pick<ChunkSink, "doubt">): Observable<Doubt | undefined> {
  return defer(() => sink.doubt?.() ?? of(undefined));
}
