import { catchError, defer, EMPTY, from, identity, map, tap, throwError } from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import { limitTime } from "../../operators/limitTime.js";
import { stallGuard } from "../../operators/stallGuard.js";
import { leased } from "../peers/leased.js";
import type { ByteRange, Peer } from "../peers/Peer.js";
import type { ChunkAssembly, Piece } from "./ChunkAssembly.js";
import { exactly } from "./exactly.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";
import type { Trial } from "./Trial.js";

/**
 * One leg: asks one peer for what the chunk lacks, holds it to that, gives it up when it is silent for too long, and assembles what comes.
 * Errors with a `DownloadError` or an error with a code; unsubscribing cancels the request.
 */
export function askPeer(
  assembly: ChunkAssembly,
  { pool, scheduler, held, emit }: TransferParts,
  config: TransferConfig,
  trial: Trial,
): AttemptFn<Peer, Piece> {
  const { chunk } = assembly;
  const { firstByteMs, idleMs } = pool.patience;
  const guard = config.parallel ? stallGuard<Peer>({ firstByteMs, idleMs, held, scheduler }) : identity;
  const { attemptTimeoutMs: limitMs } = config;
  const limited = (attempt: AttemptFn<Peer, Uint8Array>): AttemptFn<Peer, Uint8Array> => {
    return (peer, context) => from(attempt(peer, context)).pipe(limitTime(limitMs, scheduler, held));
  };
  // A stream that has to come to the place first may take any time, as long as it flows.
  const patient = stallGuard<Peer>({ firstByteMs: limitMs, idleMs: limitMs, held, scheduler });
  return (peer, context) =>
    defer(() => {
      const leg = trial.begin(peer, context);
      const { attempt, number, offset } = leg;
      const { index, length } = chunk;
      const range: ByteRange = { chunk: index, offset, length: length - offset, position: chunk.offset + offset };
      const asked: AttemptFn<Peer, Uint8Array> = () => defer(() => peer.request(range)).pipe(exactly(peer, range));
      const request = guard<Peer, Uint8Array>(peer.ranges ? limited(asked) : patient(asked));
      emit({ type: "attempt-started", chunk: index, attempt, leg: number, peer: peer.id, offset });
      return from(request(peer, context)).pipe(
        leased(pool, peer, range, () => trial.progressed(leg)),
        map((bytes) => trial.accept(leg, bytes)),
        // Whoever hangs up after the last byte has delivered.
        catchError((error: unknown) => (assembly.isWhole ? EMPTY : throwError(() => error))),
        tap({
          error: () => trial.end(leg),
          complete: () => trial.end(leg),
          unsubscribe: () => {
            trial.end(leg);
            emit({
              type: "attempt-cancelled",
              chunk: index,
              attempt,
              leg: number,
              peer: peer.id,
              received: leg.received,
            });
          },
        }),
      );
    });
}
