/*
 * Owners.
 *
 * A download is cold: each subscription is one run, of four phases: restore (what an earlier run left), fetch (what is missing, and what turns out to be
 * wrong), verify (a file without digests, once more), finish (its name, and what was learned).
 *
 * The run owns everything that moves: the pool (peers, slots, waits), the ledger (bytes, retries, the account), the progress (what is
 * done, and the checkpoint made of it) and one subject on which all events go out. A recorder keeps on disk what the run may claim, an
 * ending is its way out. The pool decides who is asked and when a new chunk may start; a chunk's transfer decides what a failure means for
 * the chunk; rounds decide which chunks get another chance. Nobody else keeps state, so stopping is unsubscribing: the pool is told first,
 * so that no slot that becomes free on the way is given away again.
 *
 * All that has a limit runs on the run's awake clock, so that sleep and outages cost nobody anything: there is no other place that
 * would have to know of them. The scheduler itself is for what goes on all the same: saves, progress, and wall times in records.
 *
 * A run ends in one of three ways, each saved before it is told: completed, paused, failed; what it learned of peers goes to the
 * catalogue then. A bare unsubscribe is told to nobody and saved behind; the next subscription waits for that save, and errors with
 * what went wrong in it.
 */
import type { Observable } from "rxjs";
import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  merge,
  NEVER,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
} from "rxjs";
import type { ChunkSink } from "../storage/ChunkSink.js";
import type { ProgressStore } from "../storage/ProgressStore.js";
import { uninterruptible } from "../storage/uninterruptible.js";
import { checksOf, integrityOf } from "../manifest/Manifest.js";
import { AwakeClock } from "./AwakeClock.js";
import type { DownloadConfig, DownloadParts, ResolvedDownloadConfig } from "./DownloadConfig.js";
import { resolveConfig } from "./DownloadConfig.js";
import type { DownloadEvent } from "./DownloadEvent.js";
import { DownloadRun } from "./DownloadRun.js";
import { Ending } from "./Ending.js";
import { fetchMissing } from "./fetchMissing.js";
import { Ledger } from "./Ledger.js";
import { lookAgain } from "./lookAgain.js";
import { checkParts } from "./checkParts.js";
import { oneAtATime, type Use } from "./oneAtATime.js";
import { ownSink } from "./ownSink.js";
import { Recorder } from "./Recorder.js";
import { restore } from "./restore.js";

/**
 * Downloads one file from many peers: every missing chunk is asked of the best peer, retried, continued and switched until its
 * bytes match, written in place, and recorded. Emits all that happens, ends with exactly one of `download-completed`,
 * `download-paused` and `download-failed`, and errors after the last with the same `DownloadError`.
 *
 * Nothing happens before it is subscribed. Unsubscribing stops network and timers at once and saves behind; subscribing again
 * resumes. One subscription at a time, of all downloads with one sink or one progress store; another one ends with `LOCKED`.
 *
 * @throws TypeError or RangeError at the call for a part or an option that cannot be.
 */
export function download(parts: DownloadParts, config: DownloadConfig = {}): Observable<DownloadEvent> {
  checkParts(parts);
  return downloadResolved(parts, resolveConfig(config));
}

/** Download as `download` makes it, by a config that is whole, for callers that needed it before. */
export function downloadResolved(parts: DownloadParts, resolved: ResolvedDownloadConfig): Observable<DownloadEvent> {
  const { scheduler = asyncScheduler } = parts;
  const use = useOf(parts.sink);
  const runs = defer(() => {
    const before = use.behind;
    use.behind = EMPTY;
    const own = { ...parts, sink: ownSink(parts.sink) };
    const saveBehind = (save: Observable<DownloadEvent>): void => {
      // A run that was left while it waited for the save before has not even begun: that save comes first, and its error counts.
      use.behind = uninterruptible(concat(before, closingAfter(save, own.sink)));
      use.behind.subscribe({ error: () => undefined }); // the next subscription hears of it
    };
    return runOnce(own, resolved, before, saveBehind);
  });
  const now = (): number => scheduler.now();
  return runs.pipe(oneAtATime(use, now), oneAtATime(useOf(parts.progress), now));
}

/** Use of a sink or a store: its run, and the save behind the run that left it last. */
interface PortUse extends Use {
  behind: Observable<DownloadEvent>;
}

/** By the port, and not by the call: two downloads of one sink would write into each other's file, and those of one store claim each other's bytes. */
const uses = new WeakMap<ChunkSink | ProgressStore, PortUse>();

function useOf(port: ChunkSink | ProgressStore): PortUse {
  const known = uses.get(port);
  if (known !== undefined) return known;
  const use: PortUse = { behind: EMPTY };
  uses.set(port, use);
  return use;
}

/** The work; when it fails, the sink is closed before the error goes on. */
function closingAfter<T>(work: Observable<T>, sink: Pick<ChunkSink, "close">): Observable<T> {
  return work.pipe(
    catchError((error: unknown) =>
      concat(
        sink.close(),
        throwError(() => error),
      ),
    ),
  );
}

/** One subscription: restore, fetch, verify, finish; or an early end, paused or failed. */
function runOnce(
  parts: DownloadParts,
  config: ResolvedDownloadConfig,
  before: Observable<DownloadEvent>,
  saveBehind: (save: Observable<DownloadEvent>) => void,
): Observable<DownloadEvent> {
  const { manifest, scheduler = asyncScheduler } = parts;
  const clock = new AwakeClock(scheduler);
  const events = new Subject<DownloadEvent>();
  const ledger = new Ledger({ size: manifest.size, integrity: integrityOf(manifest), checks: checksOf(manifest) }, () =>
    clock.now(),
  );
  const tools = { clock, ledger, events };
  const ending = new Ending(parts, tools);

  const work = restore(parts, () => scheduler.now()).pipe(
    concatMap((restored) => {
      const run = new DownloadRun(parts, config, restored, tools);
      const recorder = new Recorder(run, restored);
      ending.begun(run, recorder);
      run.begin(restored);
      const fetched = defer(() => fetchMissing(run, recorder, restored));
      return concat(recorder.save(false), fetched, lookAgain(run));
    }),
  );

  let isPaused = false;
  const pause = (config.pauseWhen ?? NEVER).pipe(
    take(1),
    tap(() => (isPaused = true)),
  );
  const whole = concat(
    concat(before, work).pipe(takeUntil(pause)),
    defer(() => (isPaused ? ending.paused() : ending.completed())),
  ).pipe(
    catchError((error: unknown) => ending.failed(error)),
    tap({ complete: () => events.complete() }),
  );

  clock.start();
  return merge(events, whole).pipe(
    finalize(() => {
      clock.stop();
      const { behind } = ending;
      if (behind !== undefined) saveBehind(behind);
    }),
  );
}
