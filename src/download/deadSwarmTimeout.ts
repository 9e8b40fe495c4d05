import type { Observable } from "rxjs";
import { concatMap, defer, NEVER, switchMap, throwError, timer } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { UntimedEvent } from "./DownloadEvent.js";
import type { DownloadRun } from "./DownloadRun.js";

export interface DeadSwarmParts extends Pick<DownloadRun, "pool" | "ledger" | "clock"> {
  readonly emit: (event: UntimedEvent) => void;
  /** True when more peers are looked for. @default false */
  readonly looksForPeers?: boolean | undefined;
  /** How long a download waits with nobody to ask. */
  readonly peerWaitMs: number;
}

/**
 * Ends a download whose swarm is dead: errors with `RETRIES_EXHAUSTED` when no connection to any peer holds, and no byte came, for as long as a
 * chunk's retries take together (`retriesMs`), or, while more peers are looked for, as a download waits with nobody to ask; that wait is told, and is the same for peers that do not answer in time. Without it many chunks that failed at once would share the retry budget for minutes before
 * the first of them is exhausted.
 *
 *     pool.deserted  -t------f---t------------
 *     result         --------------------#       retriesMs 5
 */
export function deadSwarmTimeout(
  { pool, ledger, clock, emit, looksForPeers = false, peerWaitMs }: DeadSwarmParts,
  retriesMs: number,
): Observable<never> {
  const silence = (since: number, waitMs: number): Observable<never> =>
    defer(() => {
      const heardAt = Math.max(since, ledger.lastGainAt);
      const leftMs = heardAt + waitMs - clock.now();
      if (leftMs > 0) return timer(leftMs, clock).pipe(concatMap(() => silence(since, waitMs)));
      const cause = pool.lastFailure;
      const text = `no connection to any peer held for ${waitMs / 1000} s: ${cause?.message ?? "all are blacklisted"}`;
      return throwError(() => new DownloadError("RETRIES_EXHAUSTED", text, { cause }));
    });
  return pool.deserted(looksForPeers).pipe(
    switchMap((isDeserted) => {
      if (!isDeserted) return NEVER;
      if (!looksForPeers || pool.isComplete) return silence(clock.now(), retriesMs);
      const waitMs = Math.max(retriesMs, peerWaitMs);
      emit({ type: "waiting", reason: "no-peers", untilMs: clock.now() + waitMs });
      return silence(clock.now(), waitMs);
    }),
  );
}
