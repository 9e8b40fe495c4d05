import type { Observable, SchedulerLike } from "rxjs";
import { concatMap, defer, NEVER, switchMap, throwError, timer } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { PeerPool } from "../peers/PeerPool.js";
import type { Ledger } from "./Ledger.js";

/**
 * Ends a download that everybody has deserted: errors when no connection to any peer holds, and no byte came, for as long as a
 * chunk's retries take together. Without it many chunks that failed at once would share the retry budget for minutes before
 * the first of them is exhausted.
 *
 *     pool.deserted  -t------f---t------------
 *     result         --------------------#       waitMs 5
 */
export function desertion(pool: PeerPool, ledger: Ledger, waitMs: number, scheduler: SchedulerLike): Observable<never> {
  const silence = (since: number): Observable<never> =>
    defer(() => {
      const heardAt = Math.max(since, ledger.lastGainAt);
      const leftMs = heardAt + waitMs - scheduler.now();
      if (leftMs > 0) return timer(leftMs, scheduler).pipe(concatMap(() => silence(since)));
      const cause = pool.lastFailure;
      const text = `no connection to any peer held for ${waitMs / 1000} s: ${cause?.message ?? "all are blacklisted"}`;
      return throwError(() => new DownloadError("RETRIES_EXHAUSTED", text, { cause }));
    });
  return pool.deserted.pipe(switchMap((isDeserted) => (isDeserted ? silence(scheduler.now()) : NEVER)));
}
