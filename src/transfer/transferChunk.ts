import type { Observable } from "rxjs";
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  identity,
  ignoreElements,
  map,
  of,
  take,
  tap,
  throwError,
} from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import { limitTime } from "../../operators/limitTime.js";
import type { RetryEvent } from "../../operators/RetryEvent.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import { selectPeer } from "../../operators/selectPeer.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import { leased } from "../peers/leased.js";
import type { ByteRange, Peer } from "../peers/Peer.js";
import type { ChunkAssembly, Piece } from "./ChunkAssembly.js";
import { exactly } from "./exactly.js";
import { gaveUp } from "./gaveUp.js";
import type { TransferEvent } from "./TransferEvent.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";
import { Trial } from "./Trial.js";
import { matches, verifyChunk } from "./verifyChunk.js";

export type ChunkVerified = Extract<TransferEvent, { type: "chunk-verified" }>;

/**
 * One chunk, from its frontier to a digest that matches, on its place in the sink: asked of the best peer, retried, switched,
 * continued. Emits once, when the chunk is verified and its last write was acknowledged; what happens on the way goes to
 * `parts.emit`. Unsubscribing cancels the leg in flight; the assembly keeps what it has, and another subscription goes on
 * from there.
 *
 * @throws DownloadError: `RETRIES_EXHAUSTED`, `CHUNK_DEADLINE`, `RETRY_BUDGET_EXHAUSTED`, the code of the last failure when
 * nobody is left for the chunk, or `LOCAL_IO`.
 */
export function transferChunk(
  assembly: ChunkAssembly,
  parts: TransferParts,
  config: TransferConfig,
): Observable<ChunkVerified> {
  return defer(() => {
    const { manifest, pool, sink, sha256, scheduler, backoff, budget, meter, emit } = parts;
    const { chunk } = assembly;
    if (assembly.isWhole && !matches(manifest, assembly)) assembly.restart(); // what a run before left is wrong
    const startedAt = scheduler.now();
    const trial = new Trial(assembly, parts, config);
    let attempts = 0;

    const ask: AttemptFn<Peer, Piece> = (peer, context) => {
      attempts++;
      const leg = trial.begin(peer, context);
      const { attempt, offset } = leg;
      const range: ByteRange = {
        chunk: chunk.index,
        offset,
        length: chunk.length - offset,
        position: chunk.offset + offset,
      };
      emit({ type: "attempt-started", chunk: chunk.index, attempt, leg: 0, peer: peer.id, offset });
      return defer(() => peer.request(range)).pipe(
        exactly(peer, range),
        limitTime(config.attemptTimeoutMs, scheduler, parts.held),
        leased(pool, peer, chunk.index, () => trial.progressed(leg)),
        map((bytes) => {
          const piece = assembly.accept(peer.id, offset + leg.received, bytes);
          leg.received += bytes.length;
          meter.received(peer.id, bytes.length);
          return piece;
        }),
        // Whoever hangs up after the last byte has delivered.
        catchError((error: unknown) => (assembly.isWhole ? EMPTY : throwError(() => error))),
        verifyChunk(manifest, assembly),
      );
    };

    const tell = (event: RetryEvent<Peer>): void => {
      const told = translate(event, chunk.index, trial);
      if (told !== undefined) emit(told);
    };

    const fetched = pool.candidates(chunk.index).pipe(
      retryWithPeerSwitch(ask, {
        maxRetries: config.maxRetries,
        samePeerRetries: config.samePeerRetries,
        attemptTimeoutMs: Infinity, // each leg has its own limit, so that the pool hears of it
        deadlineMs: config.deadlineMs,
        backoff: (retry) => backoff(retry, { key: chunk.index }),
        classify: (error) => trial.classify(error),
        select: (candidates, selection) => {
          const { peers } = trial.suspects;
          if (peers.size === 0) return selectPeer(candidates, selection);
          const avoid = { has: (peer: Peer) => selection.avoid.has(peer) || peers.has(peer.id) };
          return selectPeer(candidates, { ...selection, avoid });
        },
        budget,
        onEvent: tell,
        scheduler,
      }),
      catchError((thrown: unknown) => throwError(() => gaveUp(thrown, chunk.index, pool.lost))),
    );

    const write = (piece: Piece): Observable<never> =>
      sink.write(chunk.offset + piece.offset, piece.bytes).pipe(tap({ complete: () => assembly.wrote(piece) }));

    // An end in error waits its turn too: the assembly counts on every piece that it took, in the next round as well.
    const stored = fetched.pipe(
      map(write),
      catchError((error: unknown) => of(throwError(() => error))),
      concatMap(identity),
    );

    // A chunk that needs nobody goes through the pool all the same: whoever leaves it makes room for the next.
    const passing = pool.candidates(chunk.index).pipe(take(1), ignoreElements());

    const verified = defer(() => {
      for (const peer of Object.keys(assembly.peers)) pool.verified(peer);
      const elapsedMs = scheduler.now() - startedAt;
      const { index, length: bytes } = chunk;
      return of({ type: "chunk-verified" as const, chunk: index, bytes, peers: assembly.peers, attempts, elapsedMs });
    });

    return concat(
      defer(() => (matches(manifest, assembly) ? passing : stored)),
      defer(() => trial.suspects.convict(chunk, sink, sha256, pool)),
      verified,
    );
  });
}

/** The operator's event as the chunk's. */
function translate(event: RetryEvent<Peer>, chunk: number, trial: Trial): TransferEvent | undefined {
  switch (event.type) {
    case "failed": {
      const { code, message } = toDownloadError(event.error);
      const { attempt = 0, received = 0 } = trial.leg ?? {};
      const { verdict } = verdicts[code];
      const continued = event.verdict === "continue";
      return {
        type: "attempt-failed",
        chunk,
        attempt,
        leg: 0,
        peer: event.peer.id,
        code,
        verdict,
        message,
        received,
        continued,
      };
    }
    case "retry": {
      const { retry, maxRetries, delayMs } = event;
      return { type: "retry-scheduled", chunk, retry, maxRetries, delayMs, peer: event.peer.id };
    }
    case "switch":
      return { type: "peer-switched", chunk, from: event.from.id, to: event.to.id, reason: event.reason };
    case "budget-wait":
      return { type: "waiting", reason: "budget" };
    case "attempt":
    case "starved":
    case "hedge":
    case "success":
    case "gave-up":
      return undefined;
  }
}
