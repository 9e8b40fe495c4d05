/*
 * Who owns what.
 *
 * A download is cold: each subscription is one run. The run owns everything that moves: the pool (peers, slots, waits), the
 * ledger (bytes, retries, the account), the progress (what is done, and the checkpoint made of it) and one subject on which all
 * events go out. The pool decides who is asked and when a new chunk may start; a chunk's transfer decides what a failure means
 * for the chunk; rounds decide which chunks get another chance. Nobody else keeps state, so stopping is unsubscribing: the pool
 * is told first, so that no slot that becomes free on the way is given away again.
 *
 * Whatever has a limit runs on the run's awake clock, so that sleep and outages cost nobody anything: there is no other place that
 * would have to know of them. The scheduler itself is for what goes on all the same: saves, progress, and wall times in records.
 *
 * A run ends in one of three ways, each saved before it is told: completed, paused, failed; what it learned of peers goes to the
 * catalogue then. A bare unsubscribe is told to nobody and saved behind; the next subscription waits for that save, and errors with
 * what went wrong in it.
 */
import type { Observable, OperatorFunction } from "rxjs";
import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  map,
  merge,
  NEVER,
  of,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
} from "rxjs";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import type { RunOutcome } from "../storage/Totals.js";
import { integrityOf } from "../manifest/Manifest.js";
import { AwakeClock } from "./AwakeClock.js";
import type { DownloadConfig, DownloadParts, ResolvedDownloadConfig } from "./DownloadConfig.js";
import { resolveConfig } from "./DownloadConfig.js";
import type { DownloadEvent } from "./DownloadEvent.js";
import { DownloadRun } from "./DownloadRun.js";
import { checkWhole } from "./checkWhole.js";
import { fetchMissing } from "./fetchMissing.js";
import { Ledger } from "./Ledger.js";
import { lookAgain } from "./lookAgain.js";
import { oneAtATime, type Use } from "./oneAtATime.js";
import { ownSink } from "./ownSink.js";
import { isResumable } from "./resumable.js";
import { restore } from "./restore.js";
import { toItsEnd } from "./toItsEnd.js";

/**
 * Downloads one file from many peers: every missing chunk is asked of the best peer, retried, continued and switched until its
 * bytes match, written in place, and recorded. Emits all that happens, ends with exactly one of `download-completed`,
 * `download-paused` and `download-failed`, and errors after the last with the same `DownloadError`.
 *
 * Nothing happens before it is subscribed. Unsubscribing stops network and timers at once and saves behind; subscribing again
 * resumes. One subscription at a time, of all downloads into one sink; another one ends with `LOCKED`.
 *
 * @throws TypeError or RangeError at the call for an option that cannot be.
 */
export function download(parts: DownloadParts, config: DownloadConfig = {}): Observable<DownloadEvent> {
  return downloadResolved(parts, resolveConfig(config));
}

/** The same with a config that is whole, for those who needed it before. */
export function downloadResolved(parts: DownloadParts, resolved: ResolvedDownloadConfig): Observable<DownloadEvent> {
  const { scheduler = asyncScheduler } = parts;
  const use = useOf(parts.sink);
  const runs = defer(() => {
    const before = use.behind;
    use.behind = EMPTY;
    const own = { ...parts, sink: ownSink(parts.sink) };
    const saveBehind = (save: Observable<DownloadEvent>): void => {
      // Whoever left while it waited for the save before has not even begun: that one comes first, and its error counts.
      use.behind = concat(before, closingAfter(save, own.sink)).pipe(toItsEnd());
      use.behind.subscribe({ error: () => undefined }); // the next subscription hears of it
    };
    return run(own, resolved, before, saveBehind);
  });
  return runs.pipe(oneAtATime(use, () => scheduler.now()));
}

/** Who is at a sink, and what is saved behind the one who left it last. */
interface SinkUse extends Use {
  behind: Observable<DownloadEvent>;
}

/** By the sink, and not by the call: two downloads of one sink would write into each other's file. */
const uses = new WeakMap<ChunkSink, SinkUse>();

function useOf(sink: ChunkSink): SinkUse {
  const known = uses.get(sink);
  if (known !== undefined) return known;
  const use: SinkUse = { behind: EMPTY };
  uses.set(sink, use);
  return use;
}

/** One subscription: restore, fetch what is missing, finish; or end early, paused or failed. */
function run(
  parts: DownloadParts,
  config: ResolvedDownloadConfig,
  before: Observable<DownloadEvent>,
  saveBehind: (save: Observable<DownloadEvent>) => void,
): Observable<DownloadEvent> {
  const { manifest, sink, progress: store, scheduler = asyncScheduler } = parts;
  const clock = new AwakeClock(scheduler);
  const now = (): number => clock.now();
  const events = new Subject<DownloadEvent>();
  const ledger = new Ledger({ size: manifest.size, integrity: integrityOf(manifest) }, now);
  let active: DownloadRun | undefined;
  let lastWork: Observable<DownloadEvent> | undefined;
  let outcome: RunOutcome = "paused";
  let paused = false;
  let ended = false;

  const begun = restore(parts, () => scheduler.now()).pipe(
    concatMap((restored) => {
      active = new DownloadRun(parts, config, restored, { clock, ledger, events });
      active.begin(restored);
      const current = active;
      const fetched = defer(() => fetchMissing(parts, config, current, restored));
      return concat(current.save(false), fetched, checkWhole(parts, current), lookAgain(parts, current));
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

  const notice = (message: string): DownloadEvent => ({ type: "notice", at: now(), message });

  /** Goes on after what went wrong at the very end, where nothing can be mended any more, but tells of it. */
  const noticed = (what: string): OperatorFunction<DownloadEvent, DownloadEvent> =>
    catchError((why: unknown) => of(notice(`${what}: ${toDownloadError(why).message}`)));

  const learned = defer(() => active?.learn(outcome) ?? EMPTY).pipe(
    map(notice),
    noticed("What was learned of the peers could not be kept"),
  );

  // Once the file has its name, what is left of its progress harms nobody.
  const tidied = concat(store.clear(), sink.close()).pipe(noticed("The saved progress could not be removed"));
  const finished = concat(sink.finish(), tidied, learned).pipe(toItsEnd());

  const saved = defer(() => concat(closingAfter(active?.save(true) ?? EMPTY, sink), sink.close())).pipe(
    followedBy(learned),
    toItsEnd(),
  );

  const completed = defer(() => {
    lastWork = finished;
    outcome = "completed";
    return concat(
      finished,
      end(() => ({ type: "download-completed", at: now(), account: ledger.account() })),
    );
  });

  // Bytes that could not be written are claimed by no record; whoever left them hears of it all the same.
  const sound = defer(() => active?.progress.sound() ?? EMPTY);

  const leave = concat(
    saved,
    sound,
    end(() => ({ type: "download-paused", at: now(), account: ledger.account() })),
  );

  const fail = (thrown: unknown): Observable<DownloadEvent> => {
    const error = toDownloadError(thrown);
    const { code, message } = error;
    lastWork = saved;
    outcome = code;
    return concat(
      saved.pipe(noticed("The progress could not be saved")),
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

  clock.start();
  return merge(events, whole).pipe(
    finalize(() => {
      clock.stop();
      if (!ended) saveBehind(lastWork ?? concat(saved, sound));
    }),
  );
}

/** Does `then` after the source, also after its error, which goes on behind it. */
function followedBy<T>(then: Observable<T>): OperatorFunction<never, T> {
  return (source) =>
    concat(
      source.pipe(
        catchError((error: unknown) =>
          concat(
            then,
            throwError(() => error),
          ),
        ),
      ),
      then,
    );
}

/** The work; when it fails, the sink is closed before the error goes on. */
function closingAfter<T>(work: Observable<T>, sink: ChunkSink): Observable<T> {
  return work.pipe(
    catchError((error: unknown) =>
      concat(
        sink.close(),
        throwError(() => error),
      ),
    ),
  );
}
