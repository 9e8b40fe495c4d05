import type { Observable } from "rxjs";
import { concatMap, defer, NEVER, switchMap, throwError, timer } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadRun } from "./DownloadRun.js";

/**
 * Ends a download whose swarm is dead: errors with `RETRIES_EXHAUSTED` when no connection to any peer holds, and no byte came, for as long as a chunk's retries
 * take together (`retriesMs`). While others are waited for, `waitForHolders` knows the end. Without it many chunks that failed at once would share the retry
 * budget for minutes before the first of them is exhausted.
 *
 *     pool.deserted  -t------f---t------------
 *     result         --------------------#       retriesMs 5
 */
export function deadSwarmTimeout(
  { pool, ledger, clock, waitsForOthers }: Pick<DownloadRun, "pool" | "ledger" | "clock" | "waitsForOthers">,
  retriesMs: number,
): Observable<never> {
  const silence = (since: number): Observable<never> =>
    defer(() => {
      const heardAt = Math.max(since, ledger.lastGainAt);
      const leftMs = heardAt + retriesMs - clock.now();
      if (leftMs > 0) return timer(leftMs, clock).pipe(concatMap(() => silence(since)));
      const cause = pool.lastFailure;
      const text = `no connection to any peer held for ${retriesMs / 1000} s: ${cause?.message ?? "all are blacklisted"}`;
      return throwError(() => new DownloadError("RETRIES_EXHAUSTED", text, { cause }));
    });
  return pool.deserted(waitsForOthers).pipe(switchMap((isDeserted) => (isDeserted ? silence(clock.now()) : NEVER)));
}
