import { defer, finalize, map, type Observable, reduce, tap } from "rxjs";
import { HttpPeer } from "../adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../adapters/http/HttpPeerOptions.js";
import type { RetryConfig } from "../download/RetryConfig.js";
import { DownloadError } from "../errors/DownloadError.js";
import { askMirror } from "./mirrors/askMirror.js";

export interface FetchDocumentConfig {
  readonly http: HttpPeerOptions;
  readonly retry: RetryConfig;
  /** Bytes. @default 4194304 */
  readonly maxBytes?: number;
}

/** Bytes of a document, unless told otherwise: as much as is read in a moment. */
export const mostDocumentBytes = 4 * 1024 * 1024;

/**
 * The text at an `http(s)` URL, as UTF-8, with the retries of a chunk that has one peer. Emits once; unsubscribing closes the
 * connection. Errors with what the last answer means, or `INVALID_MANIFEST` when there is more of it than `maxBytes`.
 */
export function fetchDocument(
  url: string,
  { http, retry, maxBytes = mostDocumentBytes }: FetchDocumentConfig,
): Observable<string> {
  return defer(() => {
    const peer = new HttpPeer(url, http);
    return askMirror(peer, () => textOf(peer, maxBytes), { retry }, retry.chunkTimeoutSecs * 1000).pipe(
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
