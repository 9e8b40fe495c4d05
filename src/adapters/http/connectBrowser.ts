import { Observable } from "rxjs";
import { fetchError } from "./fetchError.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { ConnectHttp } from "./HttpLine.js";
import type { HttpRequest } from "./HttpRequest.js";
import { readBody } from "./readBody.js";

/**
 * Connections by the platform's `fetch`, which keeps them by itself, so that `renew` has no effect, and follows redirects by itself, except with
 * secrets: then a redirect is an error, since the platform would take some of them along. A mirror on another origin has to
 * allow the page's requests (CORS) and to expose Content-Range.
 */
export function connectBrowser(fetch: typeof globalThis.fetch = globalThis.fetch): ConnectHttp {
  return () => ({
    isDear: true,
    send: (request) => send(fetch, request),
    renew: () => undefined,
    close: () => undefined,
  });
}

function send(
  fetch: typeof globalThis.fetch,
  { url, peer, paused, isTransient = false, ...request }: HttpRequest,
): Observable<HttpAnswer> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    let isRead = false;
    // Browsers would ask the mirror for leave to send this, which few give; what comes is compared with what is known anyway.
    const { "if-match": _condition, ...headers } = request.headers;
    const hasSecrets = Object.keys(request.credentials).length > 0;
    fetch(url, {
      headers: { ...headers, ...request.credentials },
      redirect: hasSecrets ? "error" : "follow",
      // Parts of files are of no use to the cache, and it may answer with those of another version.
      cache: "no-store",
      signal: abort.signal,
    }).then(
      (response) => {
        const body = new Observable<Uint8Array>((reader) => {
          isRead = true;
          return readBody(response, { peer, paused, isTransient, abort }).subscribe(reader);
        });
        const answer = {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          url: response.url,
          isDecoded: true,
          body,
        };
        subscriber.next(answer);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(fetchError(peer, error)),
    );
    return () => {
      if (!isRead) abort.abort();
    };
  });
}
