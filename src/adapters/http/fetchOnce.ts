import { Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpRequest } from "./HttpRequest.js";
import { readBody } from "./readBody.js";
import type { BrowserParts } from "./whyBlocked.js";

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** One GET by `fetch`, as `SendHttp` says; errors with what `fetch` rejects with, or `PEER_REJECTED` for a redirect where secrets are sent. */
export function fetchOnce(
  { fetch, credentialsFor, heard }: BrowserParts,
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
      redirect: hasSecrets ? "manual" : "follow",
      credentials: credentialsFor(url),
      // Parts of files are of no use to the cache, and it may answer with those of another version.
      cache: "no-store",
      signal: abort.signal,
    }).then(
      (response) => {
        heard.add(new URL(url).origin);
        if (hasSecrets && isRedirect(response)) {
          subscriber.error(refused(peer));
          return;
        }
        const body = new Observable<Uint8Array>((reader) => {
          isRead = true;
          return readBody(response, { peer, paused, isTransient, abort }).subscribe(reader);
        });
        subscriber.next({
          status: response.status,
          headers: Object.fromEntries(response.headers),
          url: response.url,
          isDecoded: true,
          isVeiled: response.type === "cors",
          body,
        });
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      if (!isRead) abort.abort();
    };
  });
}

/** True for a redirect that was not followed; browsers show no more of it than that. */
function isRedirect({ type, status }: Response): boolean {
  return type === "opaqueredirect" || redirects.has(status);
}

function refused(peer: string): DownloadError {
  const text = `${peer} redirects, which a page cannot follow where it sends secrets: they would go along; give the address that it leads to`;
  return new DownloadError("PEER_REJECTED", text, { peer });
}
