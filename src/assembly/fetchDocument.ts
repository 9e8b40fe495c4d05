import { catchError, defer, finalize, map, type Observable, of, reduce, tap, throwError } from "rxjs";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import type { RetryVerdict } from "../../operators/RetryEvent.js";
import { type Classified, retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import { HttpPeer } from "../adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../adapters/http/HttpPeerOptions.js";
import { calculateBackoffDelay } from "../download/calculateBackoffDelay.js";
import type { RetryConfig } from "../download/RetryConfig.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";

export interface FetchDocumentConfig {
  readonly http: HttpPeerOptions;
  readonly retry: RetryConfig;
  /** Bytes. @default 33554432 */
  readonly maxBytes?: number;
}

const mostBytes = 32 * 1024 * 1024;

/**
 * The text at an `http(s)` URL, as UTF-8, with the retries of a chunk that has one peer. Emits once; unsubscribing closes the
 * connection. Errors with what the last answer means, or `INVALID_MANIFEST` when there is more of it than `maxBytes`.
 */
export function fetchDocument(
  url: string,
  { http, retry, maxBytes = mostBytes }: FetchDocumentConfig,
): Observable<string> {
  return defer(() => {
    const peer = new HttpPeer(url, http);
    return of([peer]).pipe(
      retryWithPeerSwitch(() => textOf(peer, maxBytes), {
        maxRetries: retry.maxChunkRetries,
        backoff: (n) => calculateBackoffDelay(n, retry),
        attemptTimeoutMs: retry.chunkTimeoutSecs * 1000,
        deadlineMs: retry.chunkDeadlineSecs * 1000,
        classify: (error) => verdictOn(toDownloadError(error), retry),
      }),
      catchError((error: unknown) =>
        throwError(() => toDownloadError(error instanceof RetryGaveUpError ? (error.cause ?? error) : error)),
      ),
      finalize(() => peer.close()),
    );
  });
}

function textOf(peer: HttpPeer, maxBytes: number): Observable<string> {
  return defer(() => {
    const decoder = new TextDecoder();
    let received = 0;
    return peer.whole().pipe(
      tap(({ length }) => {
        received += length;
        if (received <= maxBytes) return;
        throw new DownloadError(
          "INVALID_MANIFEST",
          `${peer.id} has more than ${maxBytes} bytes, expected at most that`,
        );
      }),
      reduce((text, bytes) => text + decoder.decode(bytes, { stream: true }), ""),
      map((text) => text + decoder.decode()),
    );
  });
}

/** There is nobody else to ask. */
function verdictOn({ code, retryAfterMs }: DownloadError, retry: RetryConfig): RetryVerdict | Classified {
  const { verdict, blame } = verdicts[code];
  if (verdict !== "retry") return "fail";
  return blame === "busy" ? { verdict: "continue", notBeforeMs: retryAfterMs ?? retry.initialBackoffMs } : "retry";
}
