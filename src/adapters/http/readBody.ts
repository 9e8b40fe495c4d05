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
  /** True when a piece is done with when it was passed on. */
  readonly isTransient: boolean;
  /** Ends the request. */
  readonly abort: AbortController;
}

type Body = ReadableStream<Uint8Array<ArrayBuffer>>;
type Read = () => Promise<ReadableStreamReadResult<Uint8Array>>;

const end = new Uint8Array(0);
/** Bytes that a browser may have ready at once. */
const pieceBytes = 1024 * 1024;

/** The body of a response of `fetch`, piece by piece, none while `paused` says so. Unsubscribing ends the request. */
export function readBody({ body }: Response, { peer, paused, isTransient, abort }: BodyParts): Observable<Uint8Array> {
  if (body === null) return EMPTY;
  return defer(() => {
    const read = (isTransient ? reusing(body) : undefined) ?? reading(body);
    const isPaused = new BehaviorSubject(false);
    const watch = paused.subscribe({
      next: (now) => isPaused.next(now),
      error: (error: unknown) => isPaused.error(error),
    });
    return isPaused.pipe(
      first((now) => !now),
      concatMap(read),
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

function reading(body: Body): Read {
  const reader = body.getReader();
  return () => reader.read();
}

/** Reads into the same memory again and again, where the platform can: fresh memory costs a page more than the bytes in it. */
function reusing(body: Body): Read | undefined {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
  let memory = new Uint8Array(pieceBytes);
  return async () => {
    const read = await reader.read(memory);
    if (read.value !== undefined) memory = new Uint8Array(read.value.buffer);
    return read;
  };
}
