import type { Observable } from "rxjs";
import {
  asyncScheduler,
  catchError,
  concat,
  distinctUntilChanged,
  EMPTY,
  ignoreElements,
  map,
  merge,
  NEVER,
  ReplaySubject,
  Subject,
  takeUntil,
  tap,
  throwError,
  timer,
} from "rxjs";
import { persistProgress } from "../../operators/persistProgress.js";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Peer } from "../peers/Peer.js";
import { countPassedOver } from "./countPassedOver.js";
import { desertion } from "./desertion.js";
import type { DownloadParts, ResolvedDownloadConfig } from "./DownloadConfig.js";
import type { DownloadRun } from "./DownloadRun.js";
import { heartbeat } from "./heartbeat.js";
import { outage } from "./outage.js";
import { recheck } from "./recheck.js";
import { rehash } from "./rehash.js";
import type { Restored } from "./restore.js";
import { rounds } from "./rounds.js";
import { stopFirst } from "./stopFirst.js";

const checkpointEveryMs = 1000;
const checkpointGapMs = 100;
/** A checkpoint comes early when so much of the file is new. */
const checkpointShare = 0.01;

/** The pool at work until every chunk is verified, with the progress saved now and then. */
export function fetchMissing(
  { manifest, peers, sink, digest, online = NEVER, scheduler = asyncScheduler }: DownloadParts,
  { retry, failFast, strictPermanent }: ResolvedDownloadConfig,
  active: DownloadRun,
  { suspects }: Restored,
): Observable<never> {
  if (active.progress.isComplete && active.trust.state === "whole") return EMPTY;
  const { clock, ledger, pool, progress } = active;
  // They replay, because synchronous peers may be done before anybody listens.
  const fetched = new ReplaySubject<void>(1);
  const finished = new ReplaySubject<void>(1);
  const checked = new ReplaySubject<never>(1);

  const round = {
    found: (index: number) => active.found(index),
    transfer: (index: number) => active.transfer(index),
    parks: (error: DownloadError, index: number) => active.parks(error, index),
    limit: { admit: pool.admit },
    once: failFast || strictPermanent,
  };
  const first = rounds({
    ...round,
    missing: progress.missing(new Set(suspects)),
    suspects,
    check: recheck(suspects, manifest, sink, digest).pipe(tap({ complete: () => checked.complete() })),
  });
  const spoilt = (missing: readonly number[]) => rounds({ ...round, missing, suspects: [], check: EMPTY });
  const verified = concat(first, rehash({ manifest, sink, digest }, active, spoilt)).pipe(
    tap({ complete: () => fetched.next() }),
  );

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

  const present = new Subject<readonly Peer[]>();
  const passedOver = countPassedOver(present, ledger).pipe(takeUntil(finished));

  const peerEvents = pool.run(peers.pipe(tap((list) => present.next(list)))).pipe(
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

  const deserted = desertion(pool, ledger, active.retryWaitsMs, clock).pipe(takeUntil(finished));

  const offline = outage(
    { clock, scheduler, signs: pool.reach, online, emit: (event) => active.emit(event) },
    retry,
  ).pipe(takeUntil(finished));

  return merge(offline, passedOver, peerEvents, deserted, saved).pipe(
    ignoreElements(),
    stopFirst(() => pool.stop()),
  );
}
