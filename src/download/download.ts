/*
 * Who owns what.
 *
 * A download is cold: each subscription is one run. The run owns everything that moves: the pool (peers, slots, waits), the
 * ledger (bytes, retries, the account), the progress (what is done, and the checkpoint made of it) and one subject on which all
 * events go out. The pool decides who is asked and when a new chunk may start; a chunk's transfer decides what a failure means
 * for the chunk; rounds decide which chunks get another chance. Nobody else keeps state, so stopping is unsubscribing: the pool
 * is told first, so that no slot that becomes free on the way is given away again.
 *
 * A run ends in one of three ways, each saved before it is told: completed, paused, failed. A bare unsubscribe is told to nobody
 * and saved behind; the next subscription waits for that save, and errors with what went wrong in it.
 */
import type { Observable } from "rxjs";
import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  distinctUntilChanged,
  EMPTY,
  finalize,
  ignoreElements,
  map,
  merge,
  NEVER,
  of,
  ReplaySubject,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
} from "rxjs";
import { persistProgress } from "../../operators/persistProgress.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { DownloadConfig, DownloadParts, ResolvedDownloadConfig } from "./DownloadConfig.js";
import { resolveConfig } from "./DownloadConfig.js";
import type { DownloadEvent } from "./DownloadEvent.js";
import { DownloadRun } from "./DownloadRun.js";
import { desertion } from "./desertion.js";
import { heartbeat } from "./heartbeat.js";
import { Ledger } from "./Ledger.js";
import { recheck } from "./recheck.js";
import { isResumable } from "./resumable.js";
import type { Restored } from "./restore.js";
import { restore } from "./restore.js";
import { rounds } from "./rounds.js";
import { stopFirst } from "./stopFirst.js";
import { toItsEnd } from "./toItsEnd.js";

const checkpointEveryMs = 1000;
const checkpointGapMs = 100;
/** A checkpoint comes early when so much of the file is new. */
const checkpointShare = 0.01;

/**
 * Downloads one file from many peers: every missing chunk is asked of the best peer, retried, continued and switched until its
 * bytes match, written in place, and recorded. Emits all that happens, ends with exactly one of `download-completed`,
 * `download-paused` and `download-failed`, and errors after the last with the same `DownloadError`.
 *
 * Nothing happens before it is subscribed. Unsubscribing stops network and timers at once and saves behind; subscribing again
 * resumes. One subscription at a time; another one errors with `LOCKED`.
 *
 * @throws TypeError or RangeError at the call for an option that cannot be.
 */
export function download(parts: DownloadParts, config: DownloadConfig = {}): Observable<DownloadEvent> {
  const resolved = resolveConfig(config);
  let behind: Observable<never> = EMPTY;
  let running = false;
  const stopped = (): void => void (running = false);
  return defer(() => {
    if (running)
      return throwError(() => new DownloadError("LOCKED", "this download runs already, for another subscriber"));
    running = true;
    const before = behind;
    behind = EMPTY;
    const saveBehind = (save: Observable<never>): void => {
      save.subscribe({ error: () => undefined }); // the next subscription hears of it
      behind = save;
    };
    return run(parts, resolved, before, saveBehind).pipe(tap({ error: stopped, complete: stopped }), finalize(stopped));
  });
}

/** One subscription: restore, fetch what is missing, finish; or end early, paused or failed. */
function run(
  parts: DownloadParts,
  config: ResolvedDownloadConfig,
  before: Observable<never>,
  saveBehind: (save: Observable<never>) => void,
): Observable<DownloadEvent> {
  const { manifest, sink, progress: store, scheduler = asyncScheduler } = parts;
  const now = (): number => scheduler.now();
  const events = new Subject<DownloadEvent>();
  const ledger = new Ledger(manifest.size, now);
  let active: DownloadRun | undefined;
  let lastWork: Observable<never> | undefined;
  let paused = false;
  let ended = false;

  const begun = restore(manifest, sink, store, now).pipe(
    concatMap((restored) => {
      active = new DownloadRun(parts, config, ledger, restored, events);
      active.begin(restored);
      return concat(active.save(false), fetchMissing(parts, config, active, restored));
    }),
  );

  const pause = (config.pauseWhen ?? NEVER).pipe(
    take(1),
    tap(() => (paused = true)),
  );

  const end = (event: () => DownloadEvent): Observable<DownloadEvent> =>
    defer(() => {
      ended = true;
      return of(event());
    });

  const finished = concat(sink.finish(), store.clear(), sink.close()).pipe(toItsEnd());

  const saved = defer(() => {
    const closed = sink.close();
    const save = active?.save(true) ?? EMPTY;
    return concat(
      save.pipe(
        catchError((error: unknown) =>
          concat(
            closed,
            throwError(() => error),
          ),
        ),
      ),
      closed,
    );
  }).pipe(toItsEnd());

  const completed = defer(() => {
    lastWork = finished;
    return concat(
      finished,
      end(() => ({ type: "download-completed", at: now(), account: ledger.account() })),
    );
  });

  const leave = concat(
    saved,
    end(() => ({ type: "download-paused", at: now(), account: ledger.account() })),
  );

  const fail = (thrown: unknown): Observable<DownloadEvent> => {
    const error = toDownloadError(thrown);
    const { code, message } = error;
    lastWork = saved;
    const unsaved = (why: unknown): Observable<DownloadEvent> =>
      of({ type: "notice", at: now(), message: `The progress could not be saved: ${toDownloadError(why).message}` });
    return concat(
      saved.pipe(catchError(unsaved)),
      end(() => ({
        type: "download-failed",
        at: now(),
        account: ledger.account(),
        code,
        message,
        failedChunks: ledger.failedChunks,
        resumable: isResumable(code),
      })),
      throwError(() => error),
    );
  };

  const whole = concat(
    concat(before, begun).pipe(takeUntil(pause)),
    defer(() => (paused ? leave : completed)),
  ).pipe(catchError(fail), tap({ complete: () => events.complete() }));

  return merge(events, whole).pipe(
    finalize(() => {
      if (!ended) saveBehind(lastWork ?? saved);
    }),
  );
}

/** The pool at work until every chunk is verified, with the progress saved now and then. */
function fetchMissing(
  { manifest, peers, sink, digest, scheduler = asyncScheduler }: DownloadParts,
  { failFast, strictPermanent }: ResolvedDownloadConfig,
  active: DownloadRun,
  { suspects }: Restored,
): Observable<never> {
  if (active.progress.isComplete) return EMPTY;
  const { ledger, pool, progress } = active;
  // They replay, because synchronous peers may be done before anybody listens.
  const fetched = new ReplaySubject<void>(1);
  const finished = new ReplaySubject<void>(1);
  const checked = new ReplaySubject<never>(1);

  const verified = rounds({
    missing: progress.missing(new Set(suspects)),
    suspects,
    check: recheck(suspects, manifest, sink, digest).pipe(tap({ complete: () => checked.complete() })),
    found: (index) => active.found(index),
    transfer: (index) => active.transfer(index),
    parks: (error, index) => active.parks(error, index),
    limit: { admit: pool.admit },
    once: failFast || strictPermanent,
  }).pipe(tap({ complete: () => fetched.next() }));

  const progressed = heartbeat(ledger, manifest.size, scheduler).pipe(
    tap((event) => active.emit(event)),
    takeUntil(fetched),
  );

  const saved = merge(verified, progressed).pipe(
    map(() => ledger.verified + ledger.receivedBytes),
    distinctUntilChanged(),
    persistProgress({
      save: () => active.save(false),
      everyMs: checkpointEveryMs,
      minGapMs: checkpointGapMs,
      worthSaving: (bytes, last) => bytes - (last ?? ledger.resumed) >= checkpointShare * manifest.size,
      scheduler,
    }),
    tap({ complete: () => finished.next() }),
  );

  const peerEvents = pool.run(peers).pipe(
    tap((event) => active.emit(event)),
    // What is on disk may be enough without any peer.
    catchError((error: unknown) =>
      concat(
        checked,
        timer(0, scheduler),
        throwError(() => error),
      ),
    ),
    takeUntil(finished),
  );

  const deserted = desertion(pool, ledger, active.retryWaitsMs, scheduler).pipe(takeUntil(finished));

  return merge(peerEvents, deserted, saved).pipe(
    ignoreElements(),
    stopFirst(() => pool.stop()),
  );
}
