import type { Observable } from "rxjs";
import { asyncScheduler, catchError, defer, from, identity, of, tap, throwError, timeout } from "rxjs";
import type { AttemptFn } from "../../../operators/attempt.js";
import { RetryGaveUpError } from "../../../operators/RetryGaveUpError.js";
import { retryWithPeerSwitch } from "../../../operators/retryWithPeerSwitch.js";
import type { Classified } from "../../../operators/RetryWithPeerSwitchConfig.js";
import type { RetryEvent, RetryVerdict } from "../../../operators/RetryEvent.js";
import { calculateBackoffDelay } from "../../download/calculateBackoffDelay.js";
import type { RetryConfig } from "../../download/RetryConfig.js";
import { busyWaitMs } from "../../errors/busyWaitMs.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { verdicts } from "../../errors/verdicts.js";

/** How long a mirror may take to answer a question of a few bytes the first time; twice as long each time after. */
const firstAnswerMs = 10_000;

/** How patiently mirrors are asked. */
export interface Asking {
  readonly retry: RetryConfig;
  /** Told of each failure after which a mirror is asked again, and of the wait before that, ms. */
  readonly onAgain?: ((error: DownloadError, waitMs: number) => void) | undefined;
}

/**
 * Asks one mirror one thing until it answers: as late as it wishes when it is busy, and no sooner than `busyWaitMs` says, and as the retry policy says after passing errors. Gives up
 * when it has brought nothing for as long as a chunk may take, the next wait included.
 *
 * @param answerMs how long each answer may take to begin; `Infinity` leaves that to the question
 *
 * Errors with the last `DownloadError`.
 */
export function askMirror<P extends { readonly id: string }, T>(
  mirror: P,
  question: AttemptFn<P, T>,
  { retry, onAgain }: Asking,
  answerMs?: number,
): Observable<T> {
  return defer(() => {
    const deadlineMs = retry.chunkDeadlineSecs * 1000;
    let heardAt = asyncScheduler.now();
    let failure: DownloadError | undefined;
    let busyAnswers = 0;

    const limitMs = (attempt: number): number =>
      answerMs ?? Math.min(firstAnswerMs * 2 ** attempt, retry.chunkTimeoutSecs * 1000);
    const answered: AttemptFn<P, T> = (peer, context) => {
      const ms = limitMs(context.attempt);
      const late = () =>
        new DownloadError("TIMEOUT", `${mirror.id} has not answered in ${ms / 1000} s`, { peer: mirror.id });
      return from(question(peer, context)).pipe(
        ms === Infinity ? identity : timeout({ first: ms, with: () => throwError(late) }),
        tap(() => {
          heardAt = asyncScheduler.now();
          busyAnswers = 0;
        }),
      );
    };
    const hasPatienceFor = (waitMs: number): boolean => asyncScheduler.now() + waitMs - heardAt <= deadlineMs;
    const classify = (thrown: unknown): RetryVerdict | Classified => {
      failure = toDownloadError(thrown);
      const { verdict, blame } = verdicts[failure.code];
      busyAnswers = blame === "busy" ? busyAnswers + 1 : 0;
      if (blame !== "busy") return verdict === "retry" && !hasPatienceFor(0) ? "fail" : verdict;
      const notBeforeMs = busyWaitMs(busyAnswers, failure);
      if (!hasPatienceFor(notBeforeMs)) return "fail";
      onAgain?.(failure, notBeforeMs);
      return { verdict: "continue", notBeforeMs };
    };
    const onEvent = (event: RetryEvent<P>): void => {
      if (event.type === "retry" && failure !== undefined) onAgain?.(failure, event.delayMs);
    };
    return of([mirror]).pipe(
      retryWithPeerSwitch(answered, {
        maxRetries: retry.maxChunkRetries,
        samePeerRetries: retry.maxChunkRetries,
        backoff: (n) => calculateBackoffDelay(n, retry),
        attemptTimeoutMs: Infinity,
        deadlineMs: Infinity,
        classify,
        onEvent,
      }),
      catchError((thrown: unknown) => throwError(() => lastError(thrown))),
    );
  });
}

function lastError(thrown: unknown): DownloadError {
  return toDownloadError(thrown instanceof RetryGaveUpError ? (thrown.cause ?? thrown) : thrown);
}
