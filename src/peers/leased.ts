import type { MonoTypeOperatorFunction } from "rxjs";
import { catchError, defer, finalize, map, takeUntil, tap, throwError } from "rxjs";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { ByteRange, Peer } from "./Peer.js";
import type { PeerPool } from "./PeerPool.js";

/**
 * Holds a slot of the pool while the leg runs, and credits its outcome to its own peer.
 *
 *     source  --a--b--|     delivered
 *     source  --a--#        failed, or broken where `progressed()` says that the chunk got further
 *     unsubscribe           cancelled
 *
 * Errors are `DownloadError`s; the same instance from several legs counts as one failure. A peer that is quarantined in
 * mid-leg is cut off, and so is a leg that has grown too slow. A failure due to sleep or a lost network becomes `NETWORK_DOWN`.
 */
export function leased(
  pool: PeerPool,
  peer: Peer,
  { chunk, length }: Pick<ByteRange, "chunk" | "length">,
  progressed: () => boolean,
): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    defer(() => {
      const lease = pool.lease(peer, chunk, length);
      const cut = lease.cut.pipe(
        map((error) => {
          throw error;
        }),
      );
      return source.pipe(
        takeUntil(cut),
        tap({ next: (bytes) => lease.received(bytes.length), complete: () => lease.delivered() }),
        // Deferred, so that the request is torn down before its end is reported.
        catchError((thrown: unknown) =>
          defer(() => {
            const error = pool.network.judge(peer.id, toDownloadError(thrown, { chunk, peer: peer.id }));
            if (verdicts[error.code].blame === "failure" && progressed()) lease.broken(error);
            else lease.failed(error);
            return throwError(() => error);
          }),
        ),
        finalize(() => lease.cancelled()),
      );
    });
}
