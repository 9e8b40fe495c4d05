import { catchError, concatMap, of } from "rxjs";
import { byHost } from "../../protocol/byHost.js";
import { type BrowserParts, whyBlocked } from "./whyBlocked.js";
import { contentLength } from "./contentLength.js";
import { parseContentRange } from "./contentRange.js";
import { fetchOnce } from "./fetchOnce.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { ConnectHttp, SendHttp } from "./HttpLine.js";

/** Use of cookies and other credentials that the browser keeps, by `host` or `host:port`: what the option of that name means to `fetch`. */
export type HostCredentials = Readonly<Record<string, "omit" | "same-origin" | "include">>;

export interface ConnectBrowserConfig {
  /** @default the platform's */
  readonly fetch?: typeof globalThis.fetch;
  /** @default "same-origin" for each host, as for fetch */
  readonly credentials?: HostCredentials;
}

/**
 * Connections by the platform's `fetch`, which keeps them by itself, so that `renew` has no effect, and follows redirects by itself, except with
 * secrets: these would go along. What a mirror on another origin has to allow the page is in docs/page.md.
 */
export function connectBrowser({ fetch = globalThis.fetch, credentials = {} }: ConnectBrowserConfig = {}): ConnectHttp {
  return () => {
    const parts: BrowserParts = {
      fetch,
      credentialsFor: (url) => byHost(credentials, hostOf(new URL(url))) ?? "same-origin",
      heard: new Set(),
    };
    const once: SendHttp = (request) =>
      fetchOnce(parts, request).pipe(
        catchError((thrown: unknown) => whyBlocked(parts, request, thrown, () => fetchOnce(parts, request))),
      );
    return { isDear: true, send: asStored(once), renew: () => undefined, close: () => undefined };
  };
}

/**
 * Has bytes come as they are stored. A page cannot ask for that; browsers do by themselves where it asks for a range, and else take whatever coding off, so
 * that the length which an answer tells is none of the file. So a whole is asked for as the range from its first byte on, and an answer with all of that is a
 * whole. Where the server makes no sense of that range, or gives less, the whole is asked for as such.
 */
function asStored(send: SendHttp): SendHttp {
  return (request) => {
    if (request.headers["range"] !== undefined) return send(request);
    const all = { ...request, headers: { ...request.headers, range: "bytes=0-" } };
    return send(all).pipe(
      concatMap((answer) => {
        if (answer.status === 206 && isAll(answer)) return of(asWhole(answer));
        return [204, 206, 400, 416].includes(answer.status) ? send(request) : of(answer);
      }),
    );
  };
}

/** True when a part from the first byte on is all of the file, as far as can be seen. */
function isAll({ headers }: HttpAnswer): boolean {
  const range = parseContentRange(headers["content-range"]);
  if (range === undefined) return headers["content-range"] === undefined && !isMultipart(headers);
  const { first, last, total = last + 1 } = range;
  return first === 0 && last + 1 === total && (contentLength(headers) ?? total) === total;
}

function asWhole({ headers: { "content-range": _range, ...headers }, ...answer }: HttpAnswer): HttpAnswer {
  return { ...answer, status: 200, headers };
}

const isMultipart = (headers: HttpAnswer["headers"]): boolean => /^multipart\//i.test(headers["content-type"] ?? "");

const hostOf = ({ protocol, hostname, port }: URL): string =>
  `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
