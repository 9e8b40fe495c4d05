import { concatMap, delay, EMPTY, NEVER, type Observable, of, throwError, timer } from "rxjs";
import { HttpPeer } from "../../src/adapters/http/HttpPeer.js";
import type { HttpAnswer } from "../../src/adapters/http/HttpAnswer.js";
import type { HttpRequest } from "../../src/adapters/http/HttpRequest.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";

/** How a mirror answers; without a script as it should. */
export interface MirrorScript {
  /** Time to each answer. @default 0 */
  readonly afterMs?: number;
  /** @default true */
  readonly ranges?: boolean;
  /** Tells no length of what it sends. @default it does */
  readonly tellsSize?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** What becomes of its requests, the last one for all that come after: a status, a failure, or nothing for a good answer. @default good */
  readonly turns?: readonly (number | DownloadErrorCode | undefined)[];
  /** Says nothing from this request on. @default never */
  readonly silentFrom?: number;
}

/** A real `HttpPeer` on connections that exist in the test only, in virtual time where that is patched in. */
export function scriptedMirror(
  host: string,
  file: Uint8Array,
  script: MirrorScript = {},
  path = "/file.bin",
): { readonly peer: HttpPeer; readonly asked: string[]; readonly ifMatch: (string | undefined)[] } {
  const asked: string[] = [];
  const ifMatch: (string | undefined)[] = [];
  const { afterMs = 0, turns = [], silentFrom = Infinity } = script;
  const send = (request: HttpRequest): Observable<HttpAnswer> => {
    const turn = turns[Math.min(asked.length, turns.length - 1)];
    asked.push(request.headers["range"] ?? "whole");
    ifMatch.push(request.headers["if-match"]);
    if (asked.length > silentFrom) return NEVER;
    if (typeof turn === "string") {
      const failure = new DownloadError(turn, `${host} fails`, { peer: request.peer });
      return timer(afterMs).pipe(concatMap(() => throwError(() => failure)));
    }
    const answer = turn === undefined ? answerTo(request, file, script) : { ...nothing(request), status: turn };
    return afterMs === 0 ? of(answer) : of(answer).pipe(delay(afterMs));
  };
  const connect = () => ({ send, renew: () => undefined, close: () => undefined });
  return { peer: new HttpPeer(`http://${host}${path}`, { connect }), asked, ifMatch };
}

function answerTo(request: HttpRequest, file: Uint8Array, script: MirrorScript): HttpAnswer {
  const { ranges = true, tellsSize = true, headers = {} } = script;
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers["range"] ?? "") ?? [];
  if (!ranges || first === undefined) {
    const length = tellsSize ? { "content-length": String(file.length) } : {};
    return { ...nothing(request), headers: { ...length, ...headers }, body: of(file) };
  }
  const piece = file.subarray(Number(first), last === "" ? undefined : Number(last) + 1);
  const range = `bytes ${first}-${Number(first) + piece.length - 1}/${tellsSize ? file.length : "*"}`;
  const said = { "content-length": String(piece.length), "content-range": range, ...headers };
  return { ...nothing(request), status: 206, headers: said, body: of(piece) };
}

function nothing({ url }: HttpRequest): HttpAnswer {
  return { status: 200, headers: {}, url, body: EMPTY };
}
