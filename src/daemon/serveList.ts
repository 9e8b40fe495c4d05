import { resolve } from "node:path";
import {
  asyncScheduler,
  BehaviorSubject,
  connect,
  defer,
  filter,
  ignoreElements,
  merge,
  NEVER,
  type Observable,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
} from "rxjs";
import { briefStore } from "../adapters/node/briefStore.js";
import { closedEvents } from "../assembly/list/closedEvents.js";
import type { ListEvent } from "../assembly/list/ListEvent.js";
import { defaultConcurrency } from "../assembly/list/planList.js";
import type { DownloadManager } from "../assembly/manager/DownloadManager.js";
import type { DownloadAllOptions } from "../assembly/node/downloadAll.js";
import { managerOf } from "../assembly/node/manageDownloads.js";
import type { AddedDownload } from "../control/AddedDownload.js";
import { controlServer, type ServedParts, type ServerEvent } from "./controlServer.js";
import { newToken } from "./daemonFile.js";
import { endOf } from "./endOf.js";

export interface ServeListOptions extends DownloadAllOptions {
  /** Folder of the page's files. @default no page is served */
  readonly page?: string | undefined;
  /** Name and version of the program, for its clients. */
  readonly program: string;
}

/**
 * Downloads as `downloadAll` has them, with a server on 127.0.0.1 for a page of them, which begins to listen before anything is downloaded. They are a
 * manager's that keeps nothing: what the page pauses is waited for, what it adds is downloaded, too. The last event is `list-ended`, when nothing is left to be
 * done, or after `pauseWhen`. Errors with `LOCAL_IO` when nothing can be listened on, and with a `TypeError` or `RangeError` for a download that cannot be.
 */
export function serveList(
  downloads: readonly AddedDownload[],
  { page, program, concurrency = defaultConcurrency, limitRate, retry = {}, dir = ".", ...options }: ServeListOptions,
): Observable<ListEvent | ServerEvent> {
  return defer(() => {
    const { pauseWhen = NEVER, ...common } = options;
    const over = new Subject<void>();
    const listed = new Subject<ListEvent>();
    const manager = managerOf({
      store: briefStore(),
      settings: { concurrency, limitRate: limitRate ?? null, dir: resolve(dir), retry },
      common,
      pauseWhen: merge(pauseWhen, over),
      around: tap((event) => listed.next(event)),
    });
    const run = manager.events.pipe(
      connect((events) => {
        const parts: ServedParts = {
          ...{ manager, events, program, ends: true, stop: () => over.next(), scheduler: asyncScheduler },
        };
        const served = controlServer({ port: 0, token: newToken(), page }, parts, new BehaviorSubject(0)).pipe(
          connect((server) => merge(server, added(server, manager, downloads))),
          takeUntil(endOf(events)),
        );
        const done = events.pipe(
          filter(({ type }) => (type === "download-changed" || type === "download-removed") && isOver(manager)),
          tap(() => over.next()),
        );
        return merge(served, merge(done, events).pipe(ignoreElements()));
      }),
    );
    return merge(listed.pipe(closedEvents()), run.pipe(tap({ finalize: () => listed.complete() })));
  });
}

/** Adds the downloads when the server listens. */
function added(
  server: Observable<ServerEvent>,
  manager: DownloadManager,
  downloads: readonly AddedDownload[],
): Observable<never> {
  return server.pipe(
    filter(({ type }) => type === "listening"),
    take(1),
    switchMap(() => manager.add(downloads)),
    ignoreElements(),
  );
}

/** True when nothing waits, runs, or is paused. */
function isOver({ total: { counts } }: DownloadManager): boolean {
  return counts.waiting === undefined && counts.running === undefined && counts.paused === undefined;
}
