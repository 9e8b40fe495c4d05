import { catchError, from, type Observable, of, throwError, timeout } from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import type { Question } from "../download/DiscoveryEvent.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { AskedPeer } from "./AskedPeers.js";
import { type AskPolicy, askUntilAnswered } from "./askUntilAnswered.js";
import type { Discovery } from "./Discovery.js";

/** How long a mirror may take to answer a question of a few bytes the first time; twice as long each time after. */
const firstAnswerMs = 10_000;

export interface AskMirrorConfig extends Pick<AskPolicy, "onAgain"> {
  /** @default "mirror" */
  readonly about?: Question;
  /** How long each answer may take to begin; `Infinity` leaves that to the question. @default 10 s, then twice as long each time, up to the limit of a chunk */
  readonly answerMs?: number;
}

/**
 * Asks one mirror one thing until it answers: as late as it wishes when it is busy, and as the retry policy says after passing errors. Gives up
 * when it has brought nothing for as long as a chunk may take, the next wait included.
 *
 * Errors with the last `DownloadError`.
 */
export function askMirror<P extends AskedPeer, T>(
  mirror: P,
  question: AttemptFn<P, T>,
  discovery: Discovery,
  { about = "mirror", answerMs, onAgain }: AskMirrorConfig = {},
): Observable<T> {
  const { retry, clock } = discovery;
  const limitMs = (attempt: number): number =>
    answerMs ?? Math.min(firstAnswerMs * 2 ** attempt, retry.chunkTimeoutSecs * 1000);
  const timed: AttemptFn<P, T> = (peer, context) => {
    const ms = limitMs(context.attempt);
    const late = () =>
      new DownloadError("TIMEOUT", `${mirror.id} has not answered in ${ms / 1000} s`, { peer: mirror.id });
    const answer = from(question(peer, context));
    return ms === Infinity
      ? answer
      : answer.pipe(timeout({ first: ms, scheduler: clock, with: () => throwError(late) }));
  };
  return askUntilAnswered(of([mirror]), timed, { about, limit: "silence", onAgain }, discovery).pipe(
    catchError((thrown: unknown) => throwError(() => lastError(thrown))),
  );
}

function lastError(thrown: unknown): DownloadError {
  return toDownloadError(thrown instanceof RetryGaveUpError ? (thrown.cause ?? thrown) : thrown);
}
