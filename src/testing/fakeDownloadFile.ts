import {
  asyncScheduler,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
} from "rxjs";
import { emptyAccount } from "../download/Account.js";
import type { DownloadEvent, DownloadEventWith, UntimedEvent } from "../download/DownloadEvent.js";
import { isResumable } from "../download/resumable.js";
import { DownloadError } from "../errors/DownloadError.js";

/** One step of a faked download: an event, a wait in ms, or the error by which it fails, which `download-failed` tells before. */
export type DownloadStep = UntimedEvent | number | DownloadError;

/** The options that a faked download obeys; it is given, and remembers, those of `downloadFile`. */
export interface FakeDownloadOptions {
  /** Path of the file, as it is told at the end. @default "faked" */
  readonly out?: string | undefined;
  /** Emits when the download is to pause. @default never */
  readonly pauseWhen?: Observable<unknown> | undefined;
  /** Emits when the download is to be given up, with what is here of it. @default never */
  readonly discardWhen?: Observable<unknown> | undefined;
}

type FakeEvent = DownloadEventWith<{ readonly path: string }>;

/** A stand-in for `downloadFile`, and the calls that were made of it. */
export interface FakeDownloadFile {
  (sources: unknown, options?: FakeDownloadOptions): Observable<DownloadEventWith<{ readonly path: string }>>;
  readonly calls: readonly { readonly sources: unknown; readonly options: FakeDownloadOptions }[];
}

/**
 * A stand-in for `downloadFile` in tests of a caller: nothing is asked for and nothing written.
 *
 *     const download = fakeDownloadFile(() => [{ type: "notice", message: "hello" }, 500, new DownloadError("NO_PEERS", "nobody")]);
 *     download("https://host/file").subscribe(...)
 *
 * `script` is asked at each subscription for the steps. Ends as the real one does, with exactly one of `download-completed`, `download-paused` (when
 * `pauseWhen` or `discardWhen` emitted, with `removed` after the second) and `download-failed`, which is followed by the error: after the last step the
 * download is completed, unless the script ended it. The `path` of a completed one is `out`, or `faked`. Waits are on rxjs's `asyncScheduler`, so that fake
 * timers and `TestScheduler.run` rule them.
 */
export function fakeDownloadFile(script: (sources: unknown) => readonly DownloadStep[] = () => []): FakeDownloadFile {
  const calls: { readonly sources: unknown; readonly options: FakeDownloadOptions }[] = [];
  const download = (sources: unknown, options: FakeDownloadOptions = {}): Observable<FakeEvent> => {
    calls.push({ sources, options });
    return defer(() => played(script(sources), options));
  };
  return Object.assign(download, { calls });
}

function played(
  steps: readonly DownloadStep[],
  { out: path = "faked", pauseWhen = NEVER, discardWhen = NEVER }: FakeDownloadOptions,
): Observable<FakeEvent> {
  let isEnded = false;
  let stopped: "kept" | "removed" | undefined;
  const stop = merge(pauseWhen.pipe(map(() => "kept" as const)), discardWhen.pipe(map(() => "removed" as const))).pipe(
    take(1),
    tap((how) => (stopped = how)),
  );
  const account = emptyAccount;
  const end = (): readonly UntimedEvent[] => {
    if (isEnded) return [];
    if (stopped === undefined) return [{ type: "download-completed", account }];
    return [{ type: "download-paused", account, ...(stopped === "removed" && { removed: true as const }) }];
  };
  const run = from(steps).pipe(
    concatMap((step) => stepped(step)),
    takeUntil(stop),
  );
  return concat(run, defer(end)).pipe(
    tap(({ type }) => (isEnded ||= /^download-(?:completed|paused|failed)$/.test(type))),
    map((untimed): DownloadEvent => ({ ...untimed, at: asyncScheduler.now() })),
    map((event): FakeEvent => (event.type === "download-completed" ? { ...event, path } : event)),
  );
}

function stepped(step: DownloadStep): Observable<UntimedEvent> {
  if (typeof step === "number") return timer(step).pipe(concatMap(() => EMPTY));
  if (!(step instanceof DownloadError)) return of(step);
  const { code, message } = step;
  const failed = { type: "download-failed", account: emptyAccount, code, message, failedChunks: [] } as const;
  return concat(
    of({ ...failed, resumable: isResumable(code) }),
    throwError(() => step),
  );
}
