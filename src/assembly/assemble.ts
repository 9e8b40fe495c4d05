import {
  asyncScheduler,
  catchError,
  combineLatest,
  concat,
  connect,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  merge,
  mergeAll,
  type Observable,
  of,
  ReplaySubject,
  scan,
  type SchedulerLike,
  startWith,
  Subject,
  type Subscription,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
} from "rxjs";
import { defaultRandom } from "../../operators/defaults.js";
import { httpPeers } from "../adapters/http/httpPeers.js";
import { socketPeers } from "../adapters/websocket/socketPeers.js";
import { type EarlyFailure, endBeforeStart, pausedBeforeStart } from "../discovery/beforeStart.js";
import { confirmChanges } from "../discovery/confirmChanges.js";
import { countFailure } from "../discovery/countFailure.js";
import type { Discovery } from "../discovery/Discovery.js";
import { Doubts } from "../discovery/Doubts.js";
import type { FileRequest } from "../discovery/FileRequest.js";
import type { Address } from "../protocol/Address.js";
import { isNamed, moreSources, wantOfNames } from "../discovery/moreSources.js";
import { Outvoted } from "../discovery/Outvoted.js";
import { NetworkWatch } from "../discovery/NetworkWatch.js";
import type { KnownFile } from "../discovery/KnownFile.js";
import { resolveFile } from "../discovery/resolveFile.js";
import { Strangers } from "../discovery/Strangers.js";
import type { Swarm } from "../discovery/Swarm.js";
import { AwakeClock } from "../download/AwakeClock.js";
import { downloadResolved } from "../download/download.js";
import type { DownloadParts } from "../download/DownloadConfig.js";
import type { DownloadEvent, UntimedEvent } from "../download/DownloadEvent.js";
import { suspendInOutage } from "../download/suspendInOutage.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { NamedAddress, PeerOrigin } from "../peers/NamedAddress.js";
import { parseMirror } from "../protocol/parseMirror.js";
import { byOrigin } from "../storage/byOrigin.js";
import { joinedLists } from "./joinedLists.js";
import type { Assembly, Target } from "./Assembly.js";

/**
 * Runs the whole way: find out what is wanted, what the file is and who has it, prepare the target, download. The steps before the download
 * end like one: with `download-paused` when `pauseWhen` emits, with `download-failed` and the error when one fails. A file that nothing
 * but its mirrors vouch for, and that changes on all of them, is begun anew.
 */
export function assemble(assembly: Assembly): Observable<DownloadEvent> {
  return defer(() => new AssembledRun(assembly).events());
}

const lastEvents: ReadonlySet<string> = new Set<DownloadEvent["type"]>([
  "download-completed",
  "download-paused",
  "download-failed",
]);

/** One subscription: its time and voice until the download has its own, and its connections. */
class AssembledRun {
  readonly #assembly: Assembly;
  readonly #scheduler: SchedulerLike;
  readonly #clock: AwakeClock;
  readonly #early = new Subject<DownloadEvent>();
  readonly #hangUp = new Subject<void>();
  readonly #paused = new ReplaySubject<unknown>(1);
  readonly #pausing: Subscription | undefined;
  readonly #doubts = new Doubts();
  readonly #outvoted = new Outvoted();
  readonly #discovery: Discovery;
  #isPaused = false;

  constructor(assembly: Assembly) {
    const { config, scheduler = asyncScheduler, random = defaultRandom } = assembly;
    this.#assembly = assembly;
    this.#scheduler = scheduler;
    this.#clock = new AwakeClock(scheduler);
    const network = new NetworkWatch(this.#clock);
    const emit = (event: UntimedEvent): void => this.#tell(event);
    this.#discovery = { retry: config.retry, failFast: config.failFast, clock: this.#clock, random, network, emit };
    const noted = config.pauseWhen?.pipe(
      take(1),
      tap(() => (this.#isPaused = true)),
    );
    this.#pausing = noted?.subscribe(this.#paused);
  }

  events(): Observable<DownloadEvent> {
    const { leave } = this.#assembly;
    this.#clock.start();
    // A pause that is there from the start is told while what leads to the download is still being subscribed.
    const run = this.#run().pipe(
      tap(({ type }) => lastEvents.has(type) && this.#early.complete()),
      finalize(() => this.#early.complete()),
    );
    return merge(this.#early, run).pipe(
      finalize(() => {
        this.#clock.stop();
        this.#pausing?.unsubscribe();
        leave();
        this.#hangUp.next();
      }),
    );
  }

  #run(metalink?: string): Observable<DownloadEvent> {
    return this.#onAwakeNetwork(this.#assembly.request(this.#discovery, metalink)).pipe(
      map((file) => {
        const run = this.#live(file);
        if (file.root !== undefined) return run;
        const heard = { doubts: this.#doubts, outvoted: this.#outvoted, paused: this.#paused };
        return confirmChanges(run, heard, this.#discovery);
      }),
      this.#endingInEvent(),
      switchMap((run) => run),
    );
  }

  /** The connections stand as long as the run. */
  #live(file: FileRequest): Observable<DownloadEvent> {
    return defer(() => {
      const { more, findPeers, http, rtc } = this.#assembly;
      const exchange = file.root === undefined ? undefined : this.#assembly.exchange?.(file.root, this.#clock);
      const byRoot = file.root === undefined ? undefined : findPeers?.(file.root);
      const sockets = { ...this.#assembly.sockets, exchange };
      const closeWhen = this.#hangUp;
      const found = new ReplaySubject<readonly NamedAddress[]>(Infinity);
      const strangers = new Strangers(file);
      const told = {
        publicOnly: (id: string): boolean => strangers.has(id),
        sourceOf: (id: string): PeerOrigin => strangers.sourceOf(id),
      };
      const urls = found.pipe(
        tap((named) => strangers.add(named)),
        map((named) => named.map(({ url }) => url)),
      );
      const [first, ...others] = [more, exchange?.places, byRoot].filter((each) => each !== undefined);
      const noted =
        first &&
        joinedLists<Address | NamedAddress>(first, ...others).pipe(
          tap((all) => Array.isArray(all) && strangers.add(all.filter(isNamed))),
        );
      const want = wantOfNames(file, noted);
      // What is here may be the whole file; where nothing is, nothing is begun.
      if (want !== undefined && !mayBeHere(file)) return throwError(() => want).pipe(this.#endingInEvent(), mergeAll());
      const looksForPeers = file.root !== undefined && (noted !== undefined || rtc !== undefined);
      const onTrouble = (message: string): void => this.#tell({ type: "notice", message });
      const { links, mirrors } = moreSources(file, noted, onTrouble, allOf(urls));
      const seeders = shared(links, (all) => {
        const linked: Swarm["sockets"] = socketPeers(all, { ...sockets, ...told, closeWhen });
        const met = rtc?.(all, { publicOnly: told.publicOnly, closeWhen });
        return met === undefined ? linked : bothOf(linked, met);
      });
      return shared(seeders, (seeders) =>
        shared(httpPeers(mirrors, { ...http, ...told, closeWhen }), (all) =>
          this.#through(file, { sockets: seeders, mirrors: all }, found, looksForPeers),
        ),
      );
    });
  }

  /** `found` takes the mirrors that come up before it is certain what the file is, and ends then. Mirrors are asked as long as the run. */
  #through(
    file: FileRequest,
    peers: Pick<Swarm, "sockets" | "mirrors">,
    found: Subject<readonly NamedAddress[]>,
    looksForPeers: boolean,
  ): Observable<DownloadEvent> {
    const { digest, followsMetalinks = false, finding } = this.#assembly;
    const means = finding?.(this.#discovery);
    const swarm: Swarm = {
      ...peers,
      outvoted: this.#outvoted,
      followsMetalinks,
      finding: means && { ...means, found: (mirrors) => found.next(mirrors) },
    };
    return shared(resolveFile(file, swarm, digest, this.#discovery), (known) =>
      this.#downloaded(
        file,
        this.#onAwakeNetwork(known).pipe(map((what) => untilCertain(what, () => found.complete()))),
        looksForPeers,
      ),
    );
  }

  #downloaded(file: FileRequest, known: Observable<KnownFile>, looksForPeers: boolean): Observable<DownloadEvent> {
    const { catalogue, target } = this.#assembly;
    const onTrouble = (message: string): void => this.#tell({ type: "notice", message });
    const ready = known.pipe(
      countFailure(catalogue, { now: () => this.#scheduler.now(), onTrouble }),
      switchMap((what) => {
        if (what.metalink !== undefined) return of(this.#run(what.metalink));
        return target(what, this.#doubts, this.#discovery).pipe(
          map((where) => this.#begin({ ...where, looksForPeers }, what, file)),
        );
      }),
    );
    return merge(ready, this.#paused.pipe(map(() => of(pausedBeforeStart(this.#clock.now()))))).pipe(
      take(1),
      this.#endingInEvent(),
      switchMap((events) => events),
    );
  }

  #begin(
    ready: Target & Pick<DownloadParts, "looksForPeers">,
    { peers, mirrorFile, agreement }: KnownFile,
    { mirrors }: FileRequest,
  ): Observable<DownloadEvent> {
    if ("events" in ready) return this.#unlessPaused(from(ready.events));
    const { digest, crc32, hashes, online, sockets, onReceived, catalogue, config, random } = this.#assembly;
    const { notices = [], ...where } = ready;
    for (const message of notices) this.#tell({ type: "notice", message });
    const ids = mirrors.map((url) => parseMirror(url).id);
    const parts: DownloadParts = {
      ...{ peers, digest, online, scheduler: this.#scheduler },
      ...where,
      ...(crc32 && { crc32 }),
      ...(hashes && { hashes }),
      ...(random && { random }),
      ...(sockets.paused && { paused: sockets.paused }),
      ...(onReceived && { onReceived }),
      ...(catalogue && { catalogue: byOrigin(catalogue, ids) }),
      ...(mirrorFile?.stillHas && { stillHas: mirrorFile.stillHas }),
      ...(agreement && { agreement }),
    };
    return downloadResolved(parts, { ...config, pauseWhen: this.#paused });
  }

  /** Work that waits while this machine sleeps or has no network. Emits once. */
  #onAwakeNetwork<T>(work: Observable<T>): Observable<T> {
    const { online, config } = this.#assembly;
    const { network } = this.#discovery;
    const emit = (event: UntimedEvent): void => this.#tell(event);
    const parts = { clock: this.#clock, scheduler: this.#scheduler, signs: network, online, emit };
    return merge(suspendInOutage(parts, config.retry), work).pipe(take(1));
  }

  #unlessPaused(events: Observable<DownloadEvent>): Observable<DownloadEvent> {
    return concat(
      events.pipe(takeUntil(this.#paused)),
      defer(() => (this.#isPaused ? of(pausedBeforeStart(this.#clock.now())) : EMPTY)),
    );
  }

  /** A failure before the download began is told by an event, too. Downloads that were emitted tell of their own failures. */
  #endingInEvent() {
    const { failing = (error: DownloadError): Observable<EarlyFailure> => of({ error }) } = this.#assembly;
    return (runs: Observable<Observable<DownloadEvent>>): Observable<Observable<DownloadEvent>> =>
      runs.pipe(
        catchError((thrown: unknown) =>
          failing(toDownloadError(thrown)).pipe(map((failure) => endBeforeStart(failure, this.#clock.now()))),
        ),
      );
  }

  #tell(event: UntimedEvent): void {
    this.#early.next({ ...event, at: this.#clock.now() });
  }
}

/** True when some of the file may be here, or it is empty. */
const mayBeHere = ({ isBegun, manifest, size = manifest?.size }: FileRequest): boolean =>
  isBegun?.() === true || size === 0;

/** One subscription to the source, with its latest value for whoever comes later. */
function shared<T, R>(source: Observable<T>, use: (source: Observable<T>) => Observable<R>): Observable<R> {
  return source.pipe(connect(use, { connector: () => new ReplaySubject(1) }));
}

/** The file, with word of the moment when it is certain what it is. */
function untilCertain({ agreement, ...what }: KnownFile, certain: () => void): KnownFile {
  if (agreement !== undefined) {
    return { ...what, agreement: (isHere) => agreement(isHere).pipe(tap({ complete: certain })) };
  }
  certain();
  return what;
}

/** The lists side by side, from the first one of `linked` on. */
function bothOf<T>(linked: Observable<readonly T[]>, met: Observable<readonly T[]>): Observable<readonly T[]> {
  return combineLatest([linked, met.pipe(startWith([]))]).pipe(map((lists) => lists.flat()));
}

/** The lists joined: emits all items that came so far, each time. */
function allOf<T>(lists: Observable<readonly T[]>): Observable<readonly T[]> {
  return lists.pipe(scan((all, more) => [...all, ...more], [] as readonly T[]));
}
