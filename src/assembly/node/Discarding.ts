import {
  concat,
  concatMap,
  defer,
  finalize,
  merge,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  share,
  using,
} from "rxjs";
import { removeOld } from "../../adapters/node/oldPart.js";
import { removePart } from "../../adapters/node/removeRemains.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { DownloadLock } from "./DownloadLock.js";

interface Begun {
  readonly path: string;
  readonly lock: DownloadLock;
}

/** The wish to give a file up, in one run: a pause, after which what is here of the file is removed. A wish that comes while a pause is saved counts as well. */
export class Discarding {
  readonly #when: Observable<unknown> | undefined;
  #isWished = false;
  #begun: Begun | undefined;

  constructor(when: Observable<unknown> | undefined) {
    this.#when = when?.pipe(share({ connector: () => new ReplaySubject(1) }));
  }

  /** The signal by which the download is to pause. */
  orWhen(pauseWhen: Observable<unknown> = NEVER): Observable<unknown> {
    return merge(pauseWhen, this.#when ?? NEVER);
  }

  /** The part of the file at this path is the download's own from now on. */
  begun(path: string, lock: DownloadLock): void {
    this.#begun = { path, lock };
  }

  /** Removes what is here before a pause is told that was a wish to give up. Errors with `LOCAL_IO`, or `LOCKED` when another process was faster. */
  asWished(): MonoTypeOperatorFunction<DownloadEvent> {
    const when = this.#when;
    if (when === undefined) return (events) => events;
    const removing = concatMap((event: DownloadEvent) => {
      if (event.type !== "download-paused" || !this.#isWished || this.#begun === undefined) return of(event);
      return concat(removed(this.#begun), of<DownloadEvent>({ ...event, removed: true }));
    });
    // Heard for the whole run: a download listens for its first signal only. Its error ends the download, which listens too.
    const hear = () => when.subscribe({ next: () => (this.#isWished = true), error: () => undefined });
    return (events) => using(hear, () => events.pipe(removing));
  }
}

function removed({ path, lock }: Begun): Observable<never> {
  return defer(() => {
    lock.leave();
    // The run may have left the lock for good while its last writes were waited for.
    return concat(lock.take(), removePart(path), removeOld(path)).pipe(finalize(() => lock.leave()));
  });
}
