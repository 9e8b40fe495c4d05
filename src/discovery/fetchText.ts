import { defer, map, type Observable, reduce, tap } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { askMirror } from "./askMirror.js";
import type { Discovery } from "./Discovery.js";
import type { Mirror } from "./Mirror.js";

/** Bytes of a document, unless told otherwise: as much as is read in a moment. */
export const mostTextBytes = 4 * 1024 * 1024;

/**
 * The text that a mirror has, as UTF-8, with the retries of a chunk that has one peer. Emits once; unsubscribing ends the request. Errors with what the last
 * answer means, or `INVALID_MANIFEST` when there is more of it than `maxBytes`.
 */
export function fetchText(
  mirror: Pick<Mirror, "id" | "whole">,
  discovery: Discovery,
  maxBytes = mostTextBytes,
): Observable<string> {
  const answerMs = discovery.retry.chunkTimeoutSecs * 1000;
  return askMirror(mirror, () => textOf(mirror, maxBytes), discovery, { about: "text", answerMs });
}

function textOf(mirror: Pick<Mirror, "id" | "whole">, maxBytes: number): Observable<string> {
  return defer(() => {
    const decoder = new TextDecoder();
    let received = 0;
    return mirror.whole().pipe(
      tap(({ length }) => {
        received += length;
        if (received <= maxBytes) return;
        const text = `${mirror.id} has more than ${maxBytes} bytes, expected at most that`;
        throw new DownloadError("INVALID_MANIFEST", text);
      }),
      reduce((text, bytes) => text + decoder.decode(bytes, { stream: true }), ""),
      map((text) => text + decoder.decode()),
    );
  });
}
