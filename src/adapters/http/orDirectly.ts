import { catchError, type MonoTypeOperatorFunction, Observable, type Subscriber, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { bodyLength } from "./bodyLength.js";
import { type AnswerHead, type DirectLane, UnusualAnswer } from "./DirectLane.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpRequest } from "./HttpRequest.js";

const roomBytes = 64 * 1024;

/** Node's parser refuses a length that is told twice, also where it is the same (RFC 9110, 8.6). */
const ofLength: ReadonlySet<unknown> = new Set(["HPE_UNEXPECTED_CONTENT_LENGTH", "HPE_INVALID_CONTENT_LENGTH"]);

/**
 * Asks again on the direct lane, which has another parser, where Node's own refused the length of an answer. An answer that both refuse ends with the first
 * error.
 */
export function orDirectly(request: HttpRequest, lane: DirectLane): MonoTypeOperatorFunction<HttpAnswer> {
  return catchError((refused: unknown) => {
    if (!ofLength.has(causeCode(refused))) return throwError(() => refused);
    return sentDirectly(request, lane).pipe(
      catchError((error: unknown) => throwError(() => (error instanceof UnusualAnswer ? refused : error))),
    );
  });
}

function causeCode(error: unknown): unknown {
  return error instanceof DownloadError ? (Object(error.cause) as { readonly code?: unknown }).code : undefined;
}

/** `SendHttp` on the direct lane, for answers of a told length. While `paused` last said `true`, the head is not read either. */
function sentDirectly(request: HttpRequest, lane: DirectLane): Observable<HttpAnswer> {
  return new Observable((asker) => {
    const room = new Uint8Array(roomBytes);
    let reader: Subscriber<Uint8Array> | undefined;
    const accept = (head: AnswerHead): number => {
      const length = bodyLength(head);
      if (length === undefined) throw new UnusualAnswer("an answer of untold length", true);
      const body = new Observable<Uint8Array>((subscriber) => {
        reader = subscriber;
        return () => giveUp();
      });
      asker.next({ ...head, isDirect: true, body });
      asker.complete();
      return length;
    };
    const giveUp = lane.read(
      { ...request, accept },
      {
        room: () => room,
        filled: (bytes) => reader?.next(room.slice(0, bytes)),
        take: (bytes) => reader?.next(bytes.slice()),
        complete: () => reader?.complete(),
        fail: (error) => (reader ?? asker).error(error),
      },
    );
    return () => {
      if (reader === undefined) giveUp();
    };
  });
}
