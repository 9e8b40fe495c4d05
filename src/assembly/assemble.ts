import {
  asyncScheduler,
  catchError,
  concat,
  connect,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  merge,
  NEVER,
  type Observable,
  type ObservableInput,
  of,
  ReplaySubject,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
} from "rxjs";
import type { WebSocketPeerOptions } from "../adapters/websocket/PeerOptions.js";
import type { HttpPeerOptions } from "../adapters/http/HttpPeerOptions.js";
import { httpPeers } from "../adapters/http/httpPeers.js";
import { parseMirror } from "../adapters/http/parseMirror.js";
import { download } from "../download/download.js";
import type { DownloadConfig, DownloadParts } from "../download/DownloadConfig.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";
import { resolveRetryConfig } from "../download/RetryConfig.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Catalogue } from "../storage/Catalogue.js";
import { askAgainInDoubt } from "./askAgainInDoubt.js";
import { byOrigin } from "./byOrigin.js";
import { failedBeforeStart, pausedBeforeStart } from "./beforeStart.js";
import { countFailure } from "./countFailure.js";
import { Doubts } from "./Doubts.js";
import { type KnownFile, learnFile, type Swarm } from "./learnFile.js";
import { moreSources } from "./moreSources.js";
import { restartWhenChanged } from "./restartWhenChanged.js";
import { socketPeers } from "./socketPeers.js";
import type { Wanted } from "./Wanted.js";

/** Where the bytes go, and what the user should know of it; or the events that end it all, because nothing is left to do. */
export type Target =
  | (Pick<DownloadParts, "manifest" | "sink" | "progress"> & { readonly notices?: readonly string[] })
  | { readonly events: ObservableInput<DownloadEvent> };

/** What one run of a download is made of. */
export interface Assembly {
  readonly wanted: Observable<Wanted>;
  /** More places, links or mirrors of the same file, that come and go. */
  readonly more: Observable<readonly string[]> | undefined;
  readonly sockets: WebSocketPeerOptions;
  readonly http: HttpPeerOptions;
  /** Called with bytes of chunks as they come. */
  readonly onReceived?: (bytes: number) => void;
  /** Whether this machine has a way out. */
  readonly online: Observable<boolean>;
  readonly digest: Sha256;
  readonly config: DownloadConfig;
  /** What downloads learn of peers, and where it is left. */
  readonly catalogue?: Catalogue | undefined;
  /** `doubts` are for answers that speak against what is here. */
  readonly target: (known: KnownFile, doubts: Doubts) => Observable<Target>;
  /** Called once, when the run is over or was left. */
  readonly leave: () => void;
}

/**
 * Runs the whole way: find out what is wanted, what the file is and who has it, prepare the target, download. What happens before the download
 * begins ends like one: with `download-paused` when `pauseWhen` emits, with `download-failed` and the error when it fails. A file that nothing
 * but its mirrors vouch for, and that changes on all of them, is begun anew.
 */
export function assemble({
  wanted,
  more,
  sockets,
  http,
  onReceived,
  online,
  digest,
  config,
  catalogue,
  target,
  leave,
}: Assembly): Observable<DownloadEvent> {
  return defer(() => {
    const now = () => asyncScheduler.now();
    const early = new Subject<DownloadEvent>();
    const hangUp = new Subject<void>();
    const paused = new ReplaySubject<unknown>(1);
    let isPaused = false;
    const pausing = (config.pauseWhen ?? NEVER)
      .pipe(
        take(1),
        tap(() => (isPaused = true)),
      )
      .subscribe(paused);

    const onTrouble = (message: string): void => early.next({ type: "notice", at: now(), message });
    const refuse = (peer: string, { code, message }: DownloadError): void => {
      early.next({ type: "peer-excluded", at: now(), peer, code });
      onTrouble(`${message} (${code})`);
    };
    const doubts = new Doubts();
    const retry = resolveRetryConfig(config.retry);
    const learning = { sha256: digest, retry, onTrouble, refuse };

    const unlessPaused = (events: Observable<DownloadEvent>): Observable<DownloadEvent> =>
      concat(
        events.pipe(takeUntil(paused)),
        defer(() => (isPaused ? of(pausedBeforeStart(now())) : EMPTY)),
      );
    const pressed = sockets.paused === undefined ? {} : { paused: sockets.paused };
    const begin = (ready: Target, { peers, mirrorFile }: KnownFile, { mirrors }: Wanted): Observable<DownloadEvent> => {
      if ("events" in ready) return unlessPaused(from(ready.events));
      const { notices = [], ...where } = ready;
      for (const notice of notices) onTrouble(notice);
      const remembering = catalogue && {
        catalogue: byOrigin(
          catalogue,
          mirrors.map((url) => parseMirror(url).id),
        ),
      };
      const looking = mirrorFile?.stillHas && { stillHas: mirrorFile.stillHas };
      const metered = onReceived && { onReceived };
      const parts = { ...where, peers, digest, online, ...pressed, ...metered, ...remembering, ...looking };
      return download(parts, { ...config, pauseWhen: paused });
    };

    const through = (file: Wanted, swarm: Swarm): Observable<DownloadEvent> => {
      const known = learnFile(file, swarm, learning).pipe(countFailure(catalogue, { now, onTrouble }));
      const ready = known.pipe(
        switchMap((what) => target(what, doubts).pipe(map((where) => begin(where, what, file)))),
      );
      return merge(ready, paused.pipe(map(() => of(pausedBeforeStart(now()))))).pipe(
        take(1),
        endInEvent(now),
        switchMap((events) => events),
      );
    };

    const live = (file: Wanted): Observable<DownloadEvent> => {
      const { links, mirrors } = moreSources(file, more, onTrouble);
      return shared(socketPeers(links, { ...sockets, closeWhen: hangUp }), (seeders) =>
        shared(httpPeers(mirrors, { ...http, closeWhen: hangUp }), (all) =>
          through(file, { sockets: seeders, mirrors: all }),
        ),
      );
    };

    const events = wanted.pipe(
      map((file) => {
        if (file.root !== undefined) return live(file);
        const settled = askAgainInDoubt(live(file), { doubts, retry, paused, now });
        return restartWhenChanged(settled, now, () => doubts.heard());
      }),
      endInEvent(now),
      switchMap((run) => run),
    );
    return merge(early, events.pipe(finalize(() => early.complete()))).pipe(
      finalize(() => {
        pausing.unsubscribe();
        leave();
        hangUp.next();
      }),
    );
  });
}

/** One subscription to the source, with its latest value for whoever comes later. */
function shared<T, R>(source: Observable<T>, use: (source: Observable<T>) => Observable<R>): Observable<R> {
  return source.pipe(connect(use, { connector: () => new ReplaySubject(1) }));
}

/** A failure before the download began is told by an event, too. What was emitted tells of its own failures. */
function endInEvent(now: () => number) {
  return (runs: Observable<Observable<DownloadEvent>>): Observable<Observable<DownloadEvent>> =>
    runs.pipe(
      catchError((thrown: unknown) => {
        const error = toDownloadError(thrown);
        const failure = throwError(() => error);
        return of(concat(of(failedBeforeStart(error, now())), failure));
      }),
    );
}
