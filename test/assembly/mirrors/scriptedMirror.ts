import { concat, defer, ignoreElements, NEVER, type Observable, of, throwError, timer } from "rxjs";
import type { HttpAnswer, HttpLine, HttpRequest } from "../../../src/adapters/http/HttpLine.js";
import { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../../src/errors/verdicts.js";

/** What a mirror says; without a script it serves ranges at once. */
export interface MirrorScript {
  /** How long each answer takes, ms. @default 0 */
  readonly ms?: number;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Whether it can start in the middle. @default true */
  readonly ranges?: boolean;
  /** Whether it tells how long the file is. @default true */
  readonly tellsSize?: boolean;
  /** Answers each request with this status. @default 206, or 200 */
  readonly status?: number;
  /** Has no connection for any request after so many. @default all are answered */
  readonly diesAfter?: number;
  /** With what it has none. @default "CONNECTION_REFUSED" */
  readonly failWith?: DownloadErrorCode;
}

/** A mirror of these bytes whose answers are scripted; the peer itself is a real one. It remembers the ranges that it was asked for. */
export function scriptedMirror(
  name: string,
  file: Uint8Array,
  script: MirrorScript = {},
): { readonly peer: HttpPeer; readonly asked: readonly (string | undefined)[] } {
  const asked: (string | undefined)[] = [];
  const { diesAfter = Infinity, failWith = "CONNECTION_REFUSED", ms = 0 } = script;
  const send = (request: HttpRequest): Observable<HttpAnswer> =>
    defer(() => {
      asked.push(request.headers["range"]);
      if (asked.length > diesAfter) return throwError(() => new DownloadError(failWith, `${name} is gone`));
      if (ms === Infinity) return NEVER;
      const answer = of(answerTo(request, file, script));
      return ms === 0 ? answer : concat(timer(ms).pipe(ignoreElements()), answer);
    });
  const line: HttpLine = { send, renew: () => undefined, close: () => undefined };
  return { peer: new HttpPeer(urlOf(name), { connect: () => line }), asked };
}

export const urlOf = (name: string): string => `http://${name}/file.bin`;

function answerTo(
  { url, headers }: HttpRequest,
  file: Uint8Array,
  { etag, lastModified, ranges = true, tellsSize = true, status }: MirrorScript,
): HttpAnswer {
  const said = { etag, "last-modified": lastModified };
  const [, from = "", to = ""] = /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? "") ?? [];
  if (status !== undefined) return { status, headers: said, url, body: of() };
  if (!ranges || from === "") {
    const length = tellsSize ? { "content-length": String(file.length) } : {};
    return { status: 200, headers: { ...said, ...length }, url, body: of(file) };
  }
  const [first, last] = [Number(from), Math.min(Number(to), file.length - 1)];
  const total = tellsSize ? file.length : "*";
  const part = { "content-range": `bytes ${first}-${last}/${total}`, "content-length": String(last - first + 1) };
  return { status: 206, headers: { ...said, ...part }, url, body: of(file.subarray(first, last + 1)) };
}
