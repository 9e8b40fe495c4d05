import type { Observable } from "rxjs";
import {
  asyncScheduler,
  BehaviorSubject,
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  finalize,
  first,
  ignoreElements,
  map,
  merge,
  NEVER,
  ReplaySubject,
  Subject,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
} from "rxjs";
import { persistProgress } from "../../operators/persistProgress.js";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Peer } from "../peers/Peer.js";
import { agreed } from "./agreed.js";
import { ChunkTransfers } from "./ChunkTransfers.js";
import { deadSwarmTimeout } from "./deadSwarmTimeout.js";
import type { DownloadParts } from "./DownloadConfig.js";
import type { DownloadRun } from "./DownloadRun.js";
import { heartbeat } from "./heartbeat.js";
import type { Ledger } from "./Ledger.js";
import { mendWhole } from "./mendWhole.js";
import type { Recorder } from "./Recorder.js";
import { rehash } from "./rehash.js";
import type { Restored } from "./restore.js";
import { rounds } from "./rounds.js";
import { spotCheck } from "./spotCheck.js";
import { suspendInOutage } from "./suspendInOutage.js";
import { waitForHolders } from "./waitForHolders.js";
import { withLacking } from "./withLacking.js";

const checkpointEveryMs = 1000;
const checkpointGapMs = 100;
/** A checkpoint comes early when so much of the file is new. */
const checkpointShare = 0.01;

/** Chunks that are looked at: those that are unchecked count only then, of those that count already the samples. */
type LookedAt = Pick<Restored, "unchecked" | "samples">;

/**
 * The pool at work until every chunk is right, as far as anybody can tell, with the progress saved now and then. Errors with what ends the download.
 */
export function fetchMissing(run: DownloadRun, recorder: Recorder, looked: LookedAt): Observable<never> {
  const { parts, progress, ledger, clock, pool, config } = run;
  const { agreement, manifest } = parts;
  const isDoubtful = agreement !== undefined || recorder.trust.state !== "whole" || looked.samples.length > 0;
  if (progress.isComplete && manifest.whole === undefined && !isDoubtful) return EMPTY;
  const { scheduler = asyncScheduler, online = NEVER } = parts;
  const chunks = new ChunkTransfers(run);
  // All replay, because synchronous peers may be done before anybody listens.
  const needed = new BehaviorSubject(false);
  const fetched = new ReplaySubject<void>(1);
  const finished = new ReplaySubject<void>(1);

  const verified = verifyAll(run, recorder, chunks, looked, needed).pipe(tap({ complete: () => fetched.next() }));
  const progressed = heartbeat(ledger, pool, parts.manifest.size, { scheduler, whole: fetched }).pipe(
    tap((event) => run.emit(event)),
  );
  const saved = saveNowAndThen(run, recorder, merge(verified, progressed)).pipe(
    tap({ complete: () => finished.next() }),
  );
  const inOutage = suspendInOutage(
    { clock, scheduler, signs: pool.network, online, emit: (event) => run.emit(event) },
    config.retry,
  );
  const unheld = waitForHolders(run, () => needed.value);
  const nobody = merge(askPeers(run, needed), deadSwarmTimeout(run, chunks.retryWaitsMs), unheld);
  const beside = merge(inOutage, nobody.pipe(withLacking(run))).pipe(takeUntil(finished));
  // In this order, because streams that begin first are stopped first: the pool gives no slot away that becomes free when the chunks are left.
  return merge(beside, saved).pipe(ignoreElements());
}

/**
 * Every chunk to its verification, from disk or from peers; emits one value a chunk. `needed` says whether anything is wanted of peers: not while all
 * may be on disk.
 */
function verifyAll(
  run: DownloadRun,
  recorder: Recorder,
  chunks: ChunkTransfers,
  { unchecked, samples }: LookedAt,
  needed: Subject<boolean>,
): Observable<unknown> {
  const { failFast, strictPermanent } = run.config;
  const round = {
    found: (index: number) => chunks.found(index),
    transfer: (index: number) => chunks.transfer(index),
    parks: (error: DownloadError, index: number) => chunks.parks(error, index),
    limit: { admit: run.pool.admit },
    places: (chunks: Iterable<number>) => run.pool.places(chunks),
    once: failFast || strictPermanent,
  };
  const asking = <T>(work: Observable<T>): Observable<T> =>
    work.pipe(
      withLacking(run),
      finalize(() => needed.next(false)),
    );
  const check = run.recheck(unchecked).pipe(tap({ complete: () => needed.next(!run.progress.isComplete) }));
  const missing = run.progress.missing(new Set(unchecked));
  const again = (wrong: readonly number[]) =>
    defer(() => {
      needed.next(true);
      return asking(rounds({ ...round, missing: wrong, unchecked: [], check: EMPTY }));
    });
  return concat(
    agreed(run, merge(asking(rounds({ ...round, missing, unchecked, check })), spotCheck(run, recorder, samples))),
    rehash(run, recorder, again),
    defer(() => mendWhole(run, again)), // by what is known then
  );
}

/** Saves a checkpoint while `work` makes progress, and a last one when it completes. */
function saveNowAndThen(run: DownloadRun, recorder: Recorder, work: Observable<unknown>): Observable<never> {
  const { ledger, parts } = run;
  const worthBytes = checkpointShare * parts.manifest.size;
  return work.pipe(
    map(() => ledger.done + ledger.receivedBytes),
    distinctUntilChanged(),
    persistProgress({
      save: () => recorder.save(false),
      everyMs: checkpointEveryMs,
      minGapMs: checkpointGapMs,
      worthSaving: (bytes, last) => bytes - (last ?? ledger.resumed) >= worthBytes,
      scheduler: parts.scheduler ?? asyncScheduler,
    }),
  );
}

/** Runs the pool, and tells what happens in it. Errors when nobody is left to ask, and somebody is needed: what is on disk may be enough without any peer. */
function askPeers(run: DownloadRun, needed: Observable<boolean>): Observable<unknown> {
  const { pool, ledger, parts } = run;
  const present = new Subject<readonly Peer[]>();
  const events = pool.run(parts.peers.pipe(tap((list) => present.next(list)))).pipe(
    tap((event) => run.emit(event)),
    catchError((error: unknown) =>
      concat(
        needed.pipe(first(Boolean), ignoreElements()),
        timer(0, parts.scheduler ?? asyncScheduler),
        throwError(() => error),
      ),
    ),
  );
  const changed = distinctUntilChanged<readonly Peer[]>(
    (before, now) => before.length === now.length && before.every((peer, at) => peer === now[at]),
  );
  return merge(
    present.pipe(
      changed,
      switchMap((peers) => countPassedOver(peers, ledger, run.parts.onReceived)),
    ),
    events,
  );
}

/**
 * Counts what comes from peers though nobody wants it: from one with ranges, the rest of a request that was
 * cancelled, which somebody else brings too; from one without, what lies before the range.
 */
function countPassedOver(
  peers: readonly Peer[],
  ledger: Ledger,
  onReceived: DownloadParts["onReceived"],
): Observable<unknown> {
  const counted = (peer: Peer): Observable<number> =>
    (peer.passedOver ?? EMPTY).pipe(
      tap((bytes) => {
        ledger.received(peer.id, bytes);
        ledger.wasted(peer.ranges ? "duplicate" : "restart", bytes);
        onReceived?.(bytes);
      }),
    );
  return merge(...peers.map(counted));
}
