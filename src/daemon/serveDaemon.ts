import {
  asyncScheduler,
  BehaviorSubject,
  catchError,
  combineLatest,
  debounceTime,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  merge,
  finalize,
  NEVER,
  type Observable,
  share,
  startWith,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
} from "rxjs";
import type { ManagerEvent } from "../assembly/manager/ManagerEvent.js";
import { type ManageDownloadsOptions, manageDownloads } from "../assembly/node/manageDownloads.js";
import { controlServer, type ServedParts, type ServerEvent } from "./controlServer.js";
import { type DaemonAddress, newToken, readDaemonFile, writeDaemonFile } from "./daemonFile.js";
import { endOf } from "./endOf.js";

/** How long a daemon that ends by itself waits for more to do, ms. */
const idleMs = 30_000;

export interface ServeDaemonOptions extends Omit<ManageDownloadsOptions, "store"> {
  /** Port on 127.0.0.1. @default that of the last daemon where it is free, else any */
  readonly port?: number | undefined;
  /** Folder of the page's files. @default no page is served */
  readonly page?: string | undefined;
  /** Name and version of the program, for its clients. */
  readonly program: string;
  /** True when it ends once nothing waits or runs and no client is there. @default false */
  readonly untilIdle?: boolean | undefined;
}

export type DaemonEvent = ServerEvent | ManagerEvent;

/**
 * The daemon of this user: a manager of downloads, and a server on 127.0.0.1 for its clients and its page. Runs while it is subscribed, or until a client,
 * `pauseWhen` or idleness ends it; then what runs is saved. Errors with `LOCKED` when another one runs, and with `LOCAL_IO` when it cannot listen or keep
 * anything.
 */
export function serveDaemon(options: ServeDaemonOptions): Observable<DaemonEvent> {
  return defer(() => {
    const stopped = new Subject<void>();
    const clients = new BehaviorSubject(0);
    const { program, untilIdle = false, pauseWhen = NEVER, dir } = options;
    const quiet = new Subject<void>();
    const manager = manageDownloads({ dir, pauseWhen: merge(pauseWhen, stopped, quiet) });
    const events = manager.events.pipe(share());
    const isBusy = (): boolean => {
      const { waiting = 0, running = 0 } = manager.total.counts;
      return clients.value > 0 || waiting + running > 0;
    };
    const idle = combineLatest([clients, events.pipe(startWith(undefined))]).pipe(
      debounceTime(idleMs),
      tap(() => untilIdle && !isBusy() && quiet.next()),
      ignoreElements(),
    );
    const parts: ServedParts = {
      ...{ manager, events, program, ends: false, stop: () => stopped.next(), scheduler: asyncScheduler },
    };
    // The store is held from here on, so that there is one daemon: whatever it listens on is the user's.
    const served = events.pipe(
      filter(({ type }) => type === "manager-started"),
      take(1),
      switchMap(() => listening(options, parts, clients)),
    );
    return merge(merge(served, untilIdle ? idle : EMPTY).pipe(takeUntil(endOf(events))), events);
  });
}

/** The server, with its address in its file as long as it listens. */
function listening(
  options: ServeDaemonOptions,
  parts: ServedParts,
  clients: BehaviorSubject<number>,
): Observable<DaemonEvent> {
  const last = readDaemonFile();
  const token = last?.token ?? newToken();
  const wished = options.port ?? last?.port ?? 0;
  const own = (port: number): Observable<DaemonEvent> => {
    let taken: number | undefined;
    return controlServer({ port, token, page: options.page }, parts, clients).pipe(
      tap((event) => {
        if (event.type !== "listening") return;
        writeDaemonFile({ port: event.port, token, pid: process.pid });
        taken = event.port;
      }),
      // The next daemon listens on the same port, by the same token, so that pages and scripts find it; without a process nobody asks there meanwhile.
      finalize(() => taken !== undefined && leave({ port: taken, token })),
    );
  };
  const isOpen = options.port === undefined && wished !== 0;
  const elsewhere = (error: unknown): Observable<DaemonEvent> => {
    if (isOpen) return own(0);
    throw error;
  };
  return own(wished).pipe(catchError(elsewhere));
}

function leave(address: DaemonAddress): void {
  try {
    writeDaemonFile(address);
  } catch {
    // A file that still names this process, which has ended, leads nobody astray.
  }
}
