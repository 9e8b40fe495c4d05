import type { Observable } from "rxjs";
import { catchError, of, throwError } from "rxjs";
import { RetryGaveUpError } from "../../../operators/RetryGaveUpError.js";
import { type Classified, retryWithPeerSwitch } from "../../../operators/retryWithPeerSwitch.js";
import type { RetryVerdict } from "../../../operators/RetryEvent.js";
import { calculateBackoffDelay } from "../../download/calculateBackoffDelay.js";
import type { RetryConfig } from "../../download/RetryConfig.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { verdicts } from "../../errors/verdicts.js";

/** How long a mirror may take to answer a question of a few bytes. */
const answerMs = 10_000;

interface Limits {
  readonly limitMs?: number;
  readonly deadlineMs?: number;
}

/**
 * Asks one mirror one thing until it answers: waits as long as it wishes when it is busy, and as the retry policy says after passing
 * errors. Errors with the last `DownloadError`.
 */
export function askMirror<P, T>(
  mirror: P,
  question: (mirror: P) => Observable<T>,
  retry: RetryConfig,
  {
    limitMs = Math.min(answerMs, retry.chunkTimeoutSecs * 1000),
    deadlineMs = retry.chunkDeadlineSecs * 1000,
  }: Limits = {},
): Observable<T> {
  return of([mirror]).pipe(
    retryWithPeerSwitch(question, {
      maxRetries: retry.maxChunkRetries,
      samePeerRetries: retry.maxChunkRetries,
      backoff: (n) => calculateBackoffDelay(n, retry),
      attemptTimeoutMs: limitMs,
      deadlineMs,
      classify: (thrown) => classify(toDownloadError(thrown), retry),
    }),
    catchError((thrown: unknown) => throwError(() => lastError(thrown))),
  );
}

function classify({ code, retryAfterMs }: DownloadError, { initialBackoffMs }: RetryConfig): RetryVerdict | Classified {
  const { verdict, blame } = verdicts[code];
  return blame === "busy" ? { verdict: "continue", notBeforeMs: retryAfterMs ?? initialBackoffMs } : verdict;
}

function lastError(thrown: unknown): DownloadError {
  return toDownloadError(thrown instanceof RetryGaveUpError ? (thrown.cause ?? thrown) : thrown);
}
