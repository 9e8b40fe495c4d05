import type { Observable } from "rxjs";
import { concat, defer, finalize, ignoreElements, of, take, takeUntil } from "rxjs";
import { type FileFacts, integrityOf } from "../manifest/Manifest.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";
import { ChunkHistory } from "./ChunkHistory.js";
import { fetchChunk } from "./fetchChunk.js";
import type { TransferEvent } from "./TransferEvent.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";
import { verifyChunk } from "./verifyChunk.js";

export type ChunkDone = Extract<TransferEvent, { type: "chunk-verified" | "chunk-stored" }>;

/**
 * One chunk, from its frontier to a digest that matches, on its place in the sink: asked of the best peer, and of a second one
 * where that helps, retried, switched, continued. Emits once, when the chunk is verified and its last write was acknowledged; what happens on the way goes to
 * `parts.emit`. Unsubscribing cancels the legs in flight; the assembly keeps what it has, and another subscription goes on
 * from there.
 *
 * @throws DownloadError: `RETRIES_EXHAUSTED`, `CHUNK_DEADLINE`, `RETRY_BUDGET_EXHAUSTED`, the code of the last failure when
 * nobody is left for the chunk, or `LOCAL_IO`.
 */
export function transferChunk(
  assembly: ChunkAssembly,
  parts: TransferParts,
  config: TransferConfig,
): Observable<ChunkDone> {
  return defer(() => {
    const { manifest, pool, sink, sha256, scheduler } = parts;
    const { chunk } = assembly;
    const startedAt = scheduler.now();
    const history = new ChunkHistory(assembly, parts, config);

    const fetched = defer(() => {
      // A chunk that a run before left may be whole, and wrong.
      const isWrong = assembly.isSpoilt || (assembly.isWhole && verifyChunk(manifest, assembly) !== undefined);
      if (isWrong) parts.meter.wasted("restart", assembly.restart());
      if (!assembly.isWhole) return fetchChunk(assembly, history, parts, config);
      // A chunk that needs nobody goes through the pool all the same: whoever leaves it makes room for the next.
      return pool.candidates(chunk.index).pipe(take(1), ignoreElements());
    });

    const done = defer(() => {
      const { peers } = assembly;
      for (const peer of Object.keys(peers)) pool.verified(peer);
      const type = completionOf(manifest);
      const elapsedMs = scheduler.now() - startedAt;
      return of({ type, chunk: chunk.index, bytes: chunk.length, peers, attempts: history.legs.attempts, elapsedMs });
    });

    return concat(
      assembly.load().pipe(ignoreElements()),
      fetched.pipe(takeUntil(assembly.broken)),
      assembly.flush(),
      assembly.sound(),
      defer(() => history.suspects.convict(chunk, sink, sha256, pool)),
      done,
    ).pipe(finalize(() => assembly.release()));
  });
}

/** The event of a complete chunk: verified is one whose digest proves it. */
export function completionOf(facts: FileFacts): ChunkDone["type"] {
  return integrityOf(facts) === "chunks" ? "chunk-verified" : "chunk-stored";
}
