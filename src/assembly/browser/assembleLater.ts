import {
  asyncScheduler,
  catchError,
  connect,
  defer,
  finalize,
  map,
  type Observable,
  of,
  ReplaySubject,
  switchMap,
} from "rxjs";
import { endBeforeStart } from "../../discovery/beforeStart.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { notLoaded } from "../../errors/notLoaded.js";
import type { Assembly } from "../Assembly.js";

type Timed = Pick<Assembly, "config" | "more" | "leave" | "scheduler">;

/**
 * A download as the loaded function assembles it, whose code comes with the first subscription: a page that offers a download pays for it when somebody wants
 * it. A pause and lists of peers that come meanwhile are kept. A subscription that cannot load it fails before its start, with `LOCAL_IO`; the next one tries
 * again.
 */
export function assembleLater<Parts extends Timed>(
  assembly: Parts,
  load: () => Promise<(assembly: Parts) => Observable<DownloadEvent>>,
): Observable<DownloadEvent> {
  const { config, more, leave, scheduler = asyncScheduler } = assembly;
  return defer(() => {
    let mustLeave = true;
    const begun = (pauseWhen: typeof config.pauseWhen, lists: typeof more): Observable<DownloadEvent> =>
      defer(load).pipe(
        map((assemble) => {
          mustLeave = false;
          return assemble({ ...assembly, config: { ...config, pauseWhen }, more: lists });
        }),
        catchError((thrown: unknown) => {
          const error = notLoaded("downloads", thrown);
          return of(endBeforeStart({ error }, scheduler.now()));
        }),
        switchMap((events) => events),
      );
    return kept(config.pauseWhen, (pauseWhen) => kept(more, (lists) => begun(pauseWhen, lists))).pipe(
      finalize(() => {
        if (mustLeave) leave();
      }),
    );
  });
}

/** One subscription to the source, from now on, with its latest value for whoever comes later. */
function kept<T, R>(
  source: Observable<T> | undefined,
  use: (source: Observable<T> | undefined) => Observable<R>,
): Observable<R> {
  return source === undefined ? use(source) : source.pipe(connect(use, { connector: () => new ReplaySubject(1) }));
}
