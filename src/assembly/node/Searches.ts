import {
  asyncScheduler,
  catchError,
  concatMap,
  finalize,
  map,
  merge,
  type MonoTypeOperatorFunction,
  Subject,
  tap,
  throwError,
} from "rxjs";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import type { SearchNews } from "../../peers/SearchNews.js";
import type { PeerFinder } from "../Assembly.js";

const noRoot =
  "peers are looked for by the root of a file (--dht, --lan), and nobody told that of this one: its mirrors alone are asked; expected a root, a link, or a .meta4 with its manifest";

/** The ends of a download that one more peer might have kept from ending. */
const ofNobody: ReadonlySet<DownloadErrorCode> = new Set([
  ...(["NO_PEERS", "FILE_NOT_FOUND_ANYWHERE", "CHUNK_NOT_AVAILABLE"] as const),
  ...(["RETRIES_EXHAUSTED", "CHUNK_DEADLINE"] as const),
]);

const notice = (message: string, at: number): DownloadEvent => ({ type: "notice", at, message });

/**
 * The searches for peers of one download. What they come to is told on the way, each outcome once, and stands in the error when nobody was found; so does that
 * nothing could be looked for.
 */
export class Searches {
  /** Finds peers as the user's finder does; nothing without one. */
  readonly finder: ((root: string) => ReturnType<PeerFinder>) | undefined;
  readonly #notices = new Subject<string>();
  readonly #latest = new Map<SearchNews["by"], SearchNews>();
  readonly #told = new Set<string>();
  #isAsked = false;

  constructor(findPeers: PeerFinder | undefined) {
    this.finder = findPeers && ((root) => this.#found(findPeers, root));
  }

  /** The events of the download, with what is to be told of its searches. */
  told(): MonoTypeOperatorFunction<DownloadEvent> {
    return (events) => {
      if (this.finder === undefined) return events;
      // The clock of the download stands still while the machine sleeps.
      let behindMs = 0;
      const told = events.pipe(
        tap(({ at }) => (behindMs = asyncScheduler.now() - at)),
        concatMap((event) => this.#withWords(event)),
        catchError((thrown: unknown) => {
          const error = toDownloadError(thrown);
          return throwError(() => new DownloadError(error.code, this.#explained(error), error));
        }),
        finalize(() => this.#notices.complete()),
      );
      const notices = this.#notices.pipe(map((message) => notice(message, asyncScheduler.now() - behindMs)));
      return merge(notices, told);
    };
  }

  #withWords(event: DownloadEvent): readonly DownloadEvent[] {
    if (event.type === "download-failed") return [{ ...event, message: this.#explained(event) }];
    const isUseless = event.type === "download-started" && !this.#isAsked;
    return isUseless ? [event, notice(noRoot, event.at)] : [event];
  }

  #found(findPeers: PeerFinder, root: string): ReturnType<PeerFinder> {
    this.#isAsked = true;
    return findPeers(root, (news) => {
      this.#latest.set(news.by, news);
      const what = `${news.by} ${news.outcome}`;
      if (news.outcome === "found" || this.#told.has(what)) return;
      this.#told.add(what);
      this.#notices.next(news.message);
    });
  }

  /** Words of a failure: for want of peers with why none was found. */
  #explained({ code, message }: Pick<DownloadError, "code" | "message">): string {
    if (!ofNobody.has(code) || !this.#isAsked) return message;
    const why = [...this.#latest.values()].filter(({ outcome }) => outcome !== "found").map(({ message }) => message);
    const all = this.#latest.size === 0 ? ["nobody has answered yet who was asked for peers"] : why;
    return [message, ...all].join("; ");
  }
}
