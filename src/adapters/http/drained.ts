import {
  catchError,
  EMPTY,
  ignoreElements,
  type Observable,
  type SchedulerLike,
  takeUntil,
  takeWhile,
  timer,
} from "rxjs";
import { contentLength } from "./contentLength.js";
import type { HttpAnswer } from "./HttpAnswer.js";

const maxBytes = 65_536;
const maxMs = 1000;

/**
 * Reads the rest of an answer that nobody needs, so that its connection can be used again, and completes. A rest that is large or takes long
 * is not worth it, and the connection is dropped.
 */
export function drained({ headers, body }: HttpAnswer, scheduler: SchedulerLike): Observable<never> {
  if ((contentLength(headers) ?? 0) > maxBytes) return EMPTY;
  let received = 0;
  return body.pipe(
    takeWhile((bytes) => (received += bytes.length) <= maxBytes),
    ignoreElements(),
    catchError(() => EMPTY),
    takeUntil(timer(maxMs, scheduler)),
  );
}
