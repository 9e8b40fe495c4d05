import type { Observable } from "rxjs";
import {
  catchError,
  concat,
  concatMap,
  defer,
  endWith,
  finalize,
  from,
  identity,
  ignoreElements,
  of,
  take,
  takeUntil,
  throwError,
} from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import type { RetryEvent } from "../../operators/RetryEvent.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { Peer } from "../peers/Peer.js";
import { askPeer } from "./askPeer.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";
import { gaveUp } from "./gaveUp.js";
import type { HedgeReason, TransferEvent } from "./TransferEvent.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";
import { Trial } from "./Trial.js";
import { verifyChunk } from "./verifyChunk.js";
import { withBackups } from "./withBackups.js";

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
    const { manifest, pool, sink, sha256, scheduler, backoff, allowance, emit } = parts;
    const { chunk } = assembly;
    const startedAt = scheduler.now();
    const trial = new Trial(assembly, parts, config);
    let attempts = 0;

    const several = config.parallel ? withBackups(chunk.index, parts, trial) : identity;
    const legs = several(askPeer({ assembly, parts, config, trial }));
    // The write is on its way while the digest is made.
    const right = defer(() => {
      assembly.store();
      return verifyChunk(manifest, assembly);
    });
    const attempt: AttemptFn<Peer, void> = (peer, context) => {
      attempts++;
      return concat(from(legs(peer, context)), right);
    };

    const tell = (event: RetryEvent<Peer>): void => {
      if (event.type === "failed") trial.failed(event.error, event.verdict === "continue");
      const told = translate(event, chunk.index);
      if (told !== undefined) emit(told);
    };

    const fetched = pool.candidates(chunk.index).pipe(
      retryWithPeerSwitch(attempt, {
        maxRetries: config.maxRetries,
        samePeerRetries: config.samePeerRetries,
        attemptTimeoutMs: Infinity, // each leg has its own limit, so that the pool hears of it
        deadlineMs: config.deadlineMs,
        backoff: (retry) => backoff(retry, { key: chunk.index }),
        classify: (error) => trial.classify(error),
        select: (candidates, selection) => {
          const peer = trial.select(candidates, selection);
          if (peer === undefined) pool.waitFor(chunk.index);
          return peer;
        },
        budget: allowance,
        onEvent: tell,
        scheduler,
      }),
      ignoreElements(),
      catchError((thrown: unknown) => throwError(() => gaveUp(thrown, chunk.index, pool.lost))),
    );

    // A chunk that needs nobody goes through the pool all the same: whoever leaves it makes room for the next.
    const passing = pool.candidates(chunk.index).pipe(take(1), ignoreElements());

    /** What a run before left may be all of it, and wrong. */
    const wanted = defer(() => {
      if (!assembly.isWhole) return fetched;
      const isRight = verifyChunk(manifest, assembly).pipe(
        endWith(true),
        catchError(() => of(false)),
      );
      return isRight.pipe(
        concatMap((holds) => {
          if (holds) return passing;
          assembly.restart();
          return fetched;
        }),
      );
    });

    const verified = defer(() => {
      for (const peer of Object.keys(assembly.peers)) pool.verified(peer);
      const elapsedMs = scheduler.now() - startedAt;
      const { index, length: bytes } = chunk;
      const type = manifest.digests === undefined ? ("chunk-stored" as const) : ("chunk-verified" as const);
      return of({ type, chunk: index, bytes, peers: assembly.peers, attempts, elapsedMs });
    });

    return concat(
      assembly.load().pipe(ignoreElements()),
      wanted.pipe(takeUntil(assembly.broken)),
      assembly.flush(),
      assembly.sound(),
      defer(() => trial.suspects.convict(chunk, sink, sha256, pool)),
      verified,
    ).pipe(finalize(() => assembly.release()));
  });
}

/** The operator's event as the chunk's; its legs tell of themselves. */
function translate(event: RetryEvent<Peer>, chunk: number): TransferEvent | undefined {
  switch (event.type) {
    case "retry": {
      const { retry, maxRetries, delayMs } = event;
      return { type: "retry-scheduled", chunk, retry, maxRetries, delayMs, peer: event.peer.id };
    }
    case "switch":
      return { type: "peer-switched", chunk, from: event.from.id, to: event.to.id, reason: event.reason };
    case "hedge": {
      const { primary, backup } = event;
      const reason = event.reason as HedgeReason; // nobody but withBackups asks for a second leg
      return { type: "hedge-started", chunk, primary: primary.id, backup: backup.id, reason };
    }
    case "budget-wait":
      return { type: "waiting", reason: "budget" };
    case "attempt":
    case "failed":
    case "starved":
    case "success":
    case "gave-up":
      return undefined;
  }
}
