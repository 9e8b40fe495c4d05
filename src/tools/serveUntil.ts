import {
  defer,
  delay,
  filter,
  finalize,
  merge,
  NEVER,
  type Observable,
  of,
  share,
  Subject,
  switchMap,
  takeUntil,
  tap,
  timer,
} from "rxjs";
import type { SharedFiles } from "../seeder/SharedFiles.js";
import type { ServeLimits } from "./serveLimits.js";

/** Frames that were handed over when the ratio was reached are still on their way, ms. */
const lastFramesMs = 1000;

/** An event of a server, among which are the bytes that went out. */
type Served = { readonly type: "chunk-served"; readonly bytes: number } | { readonly type: string };

export interface ServeParts<T, E, R> {
  readonly downloads: Observable<T>;
  readonly server: Observable<E>;
  /** Joins the two: begins the downloads when the server is there. */
  readonly both: (server: Observable<E>, downloads: Observable<T>) => Observable<R>;
}

/**
 * Runs downloads and what serves `shared`, until a limit is reached after the downloads; nothing is shared any more then. Completes with the downloads where
 * nothing is shared.
 */
export function serveUntil<T, E extends Served, R>(
  shared: SharedFiles,
  { ratio = Infinity, minutes }: ServeLimits,
  { downloads, server, both }: ServeParts<T, E, R>,
): Observable<R> {
  return defer(() => {
    const over = new Subject<void>();
    let served = 0;
    const isEnough = (): boolean => served >= ratio * shared.size;
    const counted = server.pipe(
      tap((event) => {
        if ("bytes" in event) served += event.bytes;
      }),
      share(),
    );
    const end = over.pipe(
      switchMap(() => {
        if (shared.size === 0 || minutes === 0 || isEnough()) return of(true);
        return merge(
          minutes === undefined ? NEVER : timer(minutes * 60_000),
          counted.pipe(filter(isEnough), delay(lastFramesMs)),
        );
      }),
    );
    return both(counted, downloads.pipe(tap({ complete: () => over.next() }))).pipe(
      takeUntil(end),
      finalize(() => shared.close()),
    );
  });
}
