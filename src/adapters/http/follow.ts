import { concat, concatMap, defer, type Observable, of, type SchedulerLike } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { excerpt } from "../../errors/excerpt.js";
import type { Credentials } from "./Credentials.js";
import { drained } from "./drained.js";
import type { AnswerFields, HttpAnswer } from "./HttpAnswer.js";

export interface FollowParts {
  readonly peer: string;
  readonly credentials: Credentials;
  readonly maxRedirects: number;
  readonly scheduler: SchedulerLike;
  /** Asks one address. */
  readonly send: (url: URL) => Observable<HttpAnswer>;
  /** Told which address answered in the end. */
  readonly arrived: (at: URL) => void;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * The first answer that is no redirect.
 *
 *     send(a)  --r|          r redirects to b
 *     send(b)     --x|
 *     result   -----x|
 *
 * @throws DownloadError `PEER_REJECTED` for too many redirects, one to something that is not HTTP, and one from HTTPS to HTTP where
 *   secrets are sent; `PROTOCOL_ERROR` for one to nowhere.
 */
export function follow(start: URL, parts: FollowParts): Observable<HttpAnswer> {
  const { send, arrived, scheduler, maxRedirects } = parts;
  const hop = (url: URL, via: readonly AnswerFields[]): Observable<HttpAnswer> =>
    send(url).pipe(
      concatMap((answer) => {
        if (!redirects.has(answer.status)) {
          arrived(url);
          return of(via.length === 0 ? answer : { ...answer, via });
        }
        const next = target(url, answer, parts);
        if (via.length === maxRedirects)
          throw refused("PEER_REJECTED", parts.peer, `redirects more than ${maxRedirects} times`);
        return concat(
          drained(answer, scheduler),
          defer(() => hop(next, [...via, { headers: answer.headers, url: answer.url }])),
        );
      }),
    );
  return hop(start, []);
}

function target(from: URL, { headers }: HttpAnswer, { peer, credentials }: FollowParts): URL {
  const location = escaped(headers["location"]);
  if (location === undefined || !URL.canParse(location, from.href)) {
    const what = location === undefined ? "without a Location" : `to ${excerpt(location)}`;
    throw refused("PROTOCOL_ERROR", peer, `redirects ${what}, expected an address`);
  }
  const to = new URL(location, from.href);
  if (to.protocol !== "http:" && to.protocol !== "https:") {
    throw refused("PEER_REJECTED", peer, `redirects to ${excerpt(to.protocol)}, expected http: or https:`);
  }
  // Secrets that an address brings are of strangers, and would show in messages.
  to.username = to.password = to.hash = "";
  const hasSecrets = [from, to].some((url) => Object.keys(credentials.for(url)).length > 0);
  if (from.protocol === "https:" && to.protocol === "http:" && hasSecrets) {
    throw refused(
      "PEER_REJECTED",
      peer,
      `redirects from https to http://${to.host}, where secrets would be sent in the open`,
    );
  }
  return to;
}

/** An address may hold bytes that none should; they are what it means, in UTF-8 or not. A text with larger characters was decoded already. */
function escaped(location: string | undefined): string | undefined {
  if (location === undefined || /[^\0-\xff]/.test(location)) return location;
  return location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

function refused(code: "PEER_REJECTED" | "PROTOCOL_ERROR", peer: string, what: string): DownloadError {
  return new DownloadError(code, `${peer} ${what}`, { peer });
}
