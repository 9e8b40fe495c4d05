import {
  BehaviorSubject,
  catchError,
  concatMap,
  defer,
  EMPTY,
  finalize,
  first,
  type Observable,
  repeat,
  takeWhile,
  throwError,
} from "rxjs";
import { fetchError } from "./fetchError.js";

export interface BodyParts {
  readonly peer: string;
  readonly paused: Observable<boolean>;
  /** Ends the request. */
  readonly abort: AbortController;
}

const end = new Uint8Array(0);

/** The body of a response of `fetch`, piece by piece, none while `paused` says so. Unsubscribing ends the request. */
export function readBody({ body }: Response, { peer, paused, abort }: BodyParts): Observable<Uint8Array> {
  if (body === null) return EMPTY;
  return defer(() => {
    const reader = body.getReader();
    const isPaused = new BehaviorSubject(false);
    const watch = paused.subscribe({
      next: (now) => isPaused.next(now),
      error: (error: unknown) => isPaused.error(error),
    });
    return isPaused.pipe(
      first((now) => !now),
      concatMap(() => reader.read()),
      repeat(),
      takeWhile(({ done }) => !done),
      concatMap(({ value = end }) => [value]),
      catchError((error: unknown) => throwError(() => fetchError(peer, error))),
      finalize(() => {
        watch.unsubscribe();
        abort.abort();
      }),
    );
  });
}
