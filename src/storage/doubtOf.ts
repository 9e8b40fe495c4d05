import { defer, type Observable, of } from "rxjs";
import type { ChunkSink } from "./ChunkSink.js";

/** What makes a sink doubt that it still has what was written to it. */
export interface Doubt {
  /** A whole clause, which names the thing and what is strange about it. */
  readonly why: string;
  /**
   * - `lost`: the place belongs to somebody else now; what is there must not be touched
   * - `bytes`: somebody else wrote, or cut it
   * - `entry`: somebody touched it, and may have written and hidden it; copying, linking and changing rights look the same
   */
  readonly kind: "lost" | "bytes" | "entry";
}

/** As the sink says; one that cannot tell is believed. One emission. */
export function doubtOf(sink: Pick<ChunkSink, "doubt">): Observable<Doubt | undefined> {
  return defer(() => sink.doubt?.() ?? of(undefined));
}
