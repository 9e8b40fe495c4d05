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
  readonly hold: Observable<boolean>;
  /** Ends the request. */
  readonly abort: AbortController;
}

const end = new Uint8Array(0);

/** The body of a response of `fetch`, piece by piece, none while `hold` says so. Unsubscribing ends the request. */
export function readBody({ body }: Response, { peer, hold, abort }: BodyParts): Observable<Uint8Array> {
  if (body === null) return EMPTY;
  return defer(() => {
    const reader = body.getReader();
    const held = new BehaviorSubject(false);
    const watch = hold.subscribe({ next: (now) => held.next(now), error: (error: unknown) => held.error(error) });
    return held.pipe(
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
