import {
  concat,
  concatMap,
  merge,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  share,
  using,
} from "rxjs";
import type { DownloadEvent } from "../download/DownloadEvent.js";

/**
 * The wish to give a file up, in one run: a pause, after which what is here of the file is removed. A wish that comes while a pause is saved counts as well.
 */
export class Discarding {
  readonly #when: Observable<unknown> | undefined;
  #isWished = false;
  #remove: Observable<never> | undefined;

  constructor(when: Observable<unknown> | undefined) {
    this.#when = when?.pipe(share({ connector: () => new ReplaySubject(1) }));
  }

  /** The signal by which the download is to pause. */
  orWhen(pauseWhen: Observable<unknown> = NEVER): Observable<unknown> {
    return merge(pauseWhen, this.#when ?? NEVER);
  }

  /** The part of the file is the download's own from now on; `remove` takes it away, once the download has paused. */
  begun(remove: Observable<never>): void {
    this.#remove = remove;
  }

  /** Removes what is here before a pause is told that was a wish to give up. Errors as the removal does. */
  asWished(): MonoTypeOperatorFunction<DownloadEvent> {
    const when = this.#when;
    if (when === undefined) return (events) => events;
    const removing = concatMap((event: DownloadEvent) => {
      if (event.type !== "download-paused" || !this.#isWished || this.#remove === undefined) return of(event);
      return concat(this.#remove, of<DownloadEvent>({ ...event, removed: true }));
    });
    // Heard for the whole run: a download listens for its first signal only. Its error ends the download, which listens too.
    const hear = () => when.subscribe({ next: () => (this.#isWished = true), error: () => undefined });
    return (events) => using(hear, () => events.pipe(removing));
  }
}
