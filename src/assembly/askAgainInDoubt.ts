import {
  catchError,
  concat,
  concatMap,
  defer,
  filter,
  merge,
  type Observable,
  of,
  take,
  throwError,
  timer,
} from "rxjs";
import { calculateBackoffDelay } from "../download/calculateBackoffDelay.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";
import { formatDuration } from "../download/formatDuration.js";
import type { RetryConfig } from "../download/RetryConfig.js";
import type { Doubts } from "./Doubts.js";

export interface AskAgainConfig {
  readonly doubts: Doubts;
  readonly retry: RetryConfig;
  /** Ends a wait. */
  readonly paused: Observable<unknown>;
  readonly now: () => number;
}

/**
 * Runs a download again that ended in doubt whether its mirrors still have the file of which some is here: after the waits of a retry, and as often.
 * Then the doubt is its failure. A notice stands in place of the failures before.
 */
export function askAgainInDoubt(
  run: Observable<DownloadEvent>,
  { doubts, retry, paused, now }: AskAgainConfig,
): Observable<DownloadEvent> {
  const attempt = (retries: number): Observable<DownloadEvent> =>
    defer(() => {
      let doubt: string | undefined;
      return run.pipe(
        filter((event) => {
          if (event.type === "download-failed") doubt = doubts.take();
          return doubt === undefined || retries === retry.maxChunkRetries;
        }),
        catchError((error: unknown) => {
          if (doubt === undefined || retries === retry.maxChunkRetries) return throwError(() => error);
          const waitMs = calculateBackoffDelay(retries + 1, retry);
          const message = `${doubt}; they are asked again in ${formatDuration(waitMs)}`;
          return concat(
            of<DownloadEvent>({ type: "notice", at: now(), message }),
            merge(timer(waitMs), paused).pipe(
              take(1),
              concatMap(() => attempt(retries + 1)),
            ),
          );
        }),
      );
    });
  return attempt(0);
}
