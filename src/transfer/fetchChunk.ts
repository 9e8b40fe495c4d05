import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  identity,
  ignoreElements,
  Observable,
  throwError,
} from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import type { RetryEvent } from "../../operators/RetryEvent.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { Peer } from "../peers/Peer.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";
import type { ChunkHistory } from "./ChunkHistory.js";
import { gaveUp } from "./gaveUp.js";
import { LegRun } from "./LegRun.js";
import type { HedgeReason, TransferEvent } from "./TransferEvent.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";
import { verifiedChunk } from "./verifyChunk.js";
import { withBackups } from "./withBackups.js";

/**
 * The attempts at one chunk, until its bytes are right: executed with one leg or several, judged by the chunk's history, reported, repeated. Emits
 * nothing; completes when the digest matches. Unsubscribing cancels the legs in flight.
 *
 * @throws DownloadError as `gaveUp` says.
 */
export function fetchChunk(
  assembly: ChunkAssembly,
  history: ChunkHistory,
  parts: TransferParts,
  config: TransferConfig,
): Observable<never> {
  const { pool, scheduler, backoff, allowance, emit, manifest } = parts;
  const { index } = assembly.chunk;
  /** Emits once, when the leg has begun. */
  const ask: AttemptFn<Peer, void> = (peer, context) =>
    new Observable((leg) => new LegRun(peer, context, { assembly, parts, config, history }, leg).start());
  const legs = (config.parallel ? withBackups(index, parts, history) : identity)(ask);
  const verified = defer(() => {
    assembly.store(); // on its way while the digest is made
    return verifiedChunk(manifest, assembly).pipe(
      concatMap((error) => {
        if (error === undefined) return EMPTY;
        history.mismatched(error);
        return throwError(() => error);
      }),
    );
  });
  return pool.candidates(index).pipe(
    retryWithPeerSwitch((peer: Peer, context) => concat(from(legs(peer, context)), verified), {
      maxRetries: config.maxRetries,
      samePeerRetries: config.samePeerRetries,
      attemptTimeoutMs: Infinity, // each leg has its own limit, so that the pool hears of it
      deadlineMs: config.deadlineMs,
      backoff: (retry) => backoff(retry, { key: index }),
      classify: (error) => history.afterAttempt(error),
      select: (candidates, selection) => {
        const peer = history.select(candidates, selection);
        if (peer === undefined) pool.waitFor(index);
        return peer;
      },
      budget: allowance,
      onEvent: (event) => {
        const told = translate(event, index);
        if (told !== undefined) emit(told);
      },
      scheduler,
    }),
    ignoreElements(),
    // As an observable, so that the chunk has left the pool's line before its end is told.
    catchError((thrown: unknown) =>
      throwError(() =>
        thrown instanceof RetryGaveUpError
          ? gaveUp(thrown, { chunk: index, last: history.lastError, lost: pool.lost })
          : thrown,
      ),
    ),
  );
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
