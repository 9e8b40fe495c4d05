import { catchError, defer, finalize, from, map, type Observable, of, switchMap, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import { fetchError } from "./fetchError.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpRequest } from "./HttpRequest.js";

/** The browser, as one mirror's connections use it. */
export interface BrowserParts {
  readonly fetch: typeof globalThis.fetch;
  readonly credentialsFor: (url: string) => RequestCredentials;
  /** Origins of which an answer came that the page may read. */
  readonly heard: Set<string>;
}

/** The page, or the worker, that asks; nothing of it is there in Node. */
interface Page {
  readonly origin?: string;
  readonly navigator?: { readonly onLine?: boolean };
}

/** Hosts to which a page of https may send plain requests (W3C Mixed Content, and Secure Contexts, 3.1). */
const isLocal = ({ hostname }: URL): boolean => /^(?:127(?:\.\d+){3}|\[::1\]|(?:[^.]+\.)*localhost)$/i.test(hostname);

/**
 * The reason why `fetch` gave no answer, where that can be told. Browsers keep it to themselves; but one that is offline says so, the page's own address tells
 * what it may ask, and a server of which no page may read the answer is one that answers to a request which lets nobody read it (`no-cors`). Since the
 * connection may have broken just then, the mirror is asked `again` before that counts; its answer, where one comes, is that of the request.
 *
 * Errors with a `DownloadError`: `NETWORK_DOWN` without a network, `PEER_REJECTED` for what the browser does not allow, else as `fetchError` says.
 */
export function whyBlocked(
  { fetch, heard, credentialsFor }: BrowserParts,
  request: HttpRequest,
  thrown: unknown,
  again: () => Observable<HttpAnswer>,
): Observable<HttpAnswer> {
  if (thrown instanceof DownloadError) return throwError(() => thrown);
  const { peer } = request;
  const url = new URL(request.url);
  const { origin, navigator } = globalThis as Page;
  const fail = (code: DownloadErrorCode, why: string) =>
    throwError(() => new DownloadError(code, `${peer}: ${why}`, { peer, cause: thrown }));
  const untold = throwError(() => fetchError(peer, thrown));
  if (navigator?.onLine === false) return fail("NETWORK_DOWN", "the browser is offline");
  if (origin === undefined || origin === url.origin || heard.has(url.origin)) return untold;
  if (origin.startsWith("https:") && url.protocol === "http:" && !isLocal(url)) {
    return fail("PEER_REJECTED", `a page of ${origin} may ask no http: address (mixed content); give one of https:`);
  }
  const needs = neededHeaders(origin, request, credentialsFor(request.url));
  const text = `its server answers, but lets no page of ${origin} read that (CORS); it would have to send ${needs}`;
  return answersBlindly(fetch, request.url).pipe(
    switchMap((answers) => (answers ? again() : untold)),
    catchError((error: unknown) => {
      if (error instanceof DownloadError) return throwError(() => error);
      return fail("PEER_REJECTED", text);
    }),
  );
}

/** True when a server answers in whatever way. Emits once. */
function answersBlindly(fetch: typeof globalThis.fetch, url: string): Observable<boolean> {
  return defer(() => {
    const abort = new AbortController();
    // An answer out of the cache would be none of the server's.
    const asked = fetch(url, { method: "HEAD", mode: "no-cors", cache: "no-store", signal: abort.signal });
    return from(asked).pipe(
      map(() => true),
      catchError(() => of(false)),
      finalize(() => abort.abort()),
    );
  });
}

function neededHeaders(origin: string, { credentials: secrets }: HttpRequest, cookies: RequestCredentials): string {
  const names = Object.keys(secrets);
  return [
    `Access-Control-Allow-Origin: ${cookies === "include" ? origin : "*"}`,
    ...(cookies === "include" ? ["Access-Control-Allow-Credentials: true"] : []),
    ...(names.length > 0 ? [`to OPTIONS also Access-Control-Allow-Headers: ${names.join(", ")}`] : []),
  ].join(", ");
}
