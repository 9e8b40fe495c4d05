/*
 * A list is a queue of files and a number of hands.
 *
 *     plans ─▶ FileRun (waiting) ─▶ queue ─▶ mergeMap, so many at a time ─▶ FileRun (running) ─▶ its outcome
 *                  ▲                                                                              │
 *                  └──────────────────────────────── retry ◀──────────────────────────────────────┘
 *
 * A file's state is its own (`FileRun`); the run knows which there are, and ends when all have ended. A file that was cancelled while it
 * waited is passed over when its turn comes. Nothing is kept from one run to the next: what is on the disk is what there is.
 */
import {
  asyncScheduler,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  identity,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  type SchedulerLike,
  Subject,
  take,
  takeUntil,
  tap,
  throttleTime,
} from "rxjs";
import { FileRun, type OnCancel } from "./FileRun.js";
import type { FileOutcome, ListEvent, ListTotal } from "./ListEvent.js";
import { ListTally } from "./ListTally.js";
import type { PlannedFile } from "./PlannedFile.js";

const tellEveryMs = 250;

export interface DownloadListConfig {
  /** Files that are downloaded at a time. */
  readonly concurrency: number;
  /** Signal to pause all. @default never */
  readonly pauseWhen?: Observable<unknown> | undefined;
  /** Stands around each run. @default nothing does */
  readonly around?: MonoTypeOperatorFunction<ListEvent>;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** Many downloads, so many at a time, with one total. Made by `downloadAll`. */
export class DownloadList {
  readonly #plans: readonly Observable<readonly PlannedFile[]>[];
  readonly #config: DownloadListConfig;
  #run: ListRun | undefined;

  /** Each plan is the files of one entry. */
  constructor(plans: readonly Observable<readonly PlannedFile[]>[], config: DownloadListConfig) {
    this.#plans = plans;
    this.#config = config;
  }

  /**
   * Events of the list. Nothing happens before a subscription, and each one runs the whole list: what is here already is passed over, what is begun
   * is taken up. One subscription at a time: share it. No failure of a file is an error; the last event is `list-ended`, with the outcome of each.
   * Unsubscribing stops all at once and saves behind.
   *
   * Errors with a `TypeError` when a Metalink turns out to name several files, and there is one name or one mirror for them all.
   */
  readonly events: Observable<ListEvent> = defer(() => {
    if (this.#run !== undefined) throw new TypeError("this list runs already; share its events, as with pipe(share())");
    const run = new ListRun(this.#plans, this.#config);
    this.#run = run;
    const { around = identity } = this.#config;
    return run.events().pipe(
      around,
      finalize(() => (this.#run = undefined)),
    );
  });

  /**
   * Stops one file, by its place in the list from 0, and keeps what is here of it for another time, or removes it. A file that has ended stays as it is, and
   * one that has not begun has nothing that would be removed.
   *
   * @throws RangeError when there is no such file; nothing runs without a subscription.
   */
  cancel(file: number, what: OnCancel = "keep"): void {
    this.#runOf(file).cancel(file, what);
  }

  /**
   * Puts a file in line again that has failed or was cancelled, while the list runs.
   *
   * @throws RangeError when there is no such file; nothing runs without a subscription.
   */
  retry(file: number): void {
    this.#runOf(file).retry(file);
  }

  #runOf(file: number): ListRun {
    const files = this.#run?.size ?? 0;
    if (this.#run !== undefined && Number.isInteger(file) && file >= 0 && file < files) return this.#run;
    const text = this.#run === undefined ? "nobody is subscribed to the list" : `the list has ${files} files so far`;
    throw new RangeError(`file is ${file}, and ${text}; it must be the place of a file, from 0`);
  }
}

/** One subscription. */
class ListRun {
  readonly #plans: readonly Observable<readonly PlannedFile[]>[];
  readonly #config: DownloadListConfig;
  readonly #scheduler: SchedulerLike;
  readonly #files: FileRun[] = [];
  readonly #queue = new Subject<FileRun>();
  readonly #told = new Subject<ListEvent>();
  readonly #changed = new Subject<void>();
  readonly #paused = new ReplaySubject<unknown>(1);
  readonly #tally: ListTally;
  /** Files that have not ended. */
  #open = 0;
  #isPlanned = false;
  #isPaused = false;

  constructor(plans: readonly Observable<readonly PlannedFile[]>[], config: DownloadListConfig) {
    this.#plans = plans;
    this.#config = config;
    this.#scheduler = config.scheduler ?? asyncScheduler;
    this.#tally = new ListTally(this.#files, () => this.#scheduler.now());
  }

  get size(): number {
    return this.#files.length;
  }

  events(): Observable<ListEvent> {
    const { concurrency, pauseWhen = NEVER } = this.#config;
    const ended = new Subject<void>();
    const work = this.#queue.pipe(
      mergeMap((file) => this.#download(file), concurrency),
      finalize(() => {
        this.#told.complete();
        this.#changed.complete();
        ended.next();
      }),
    );
    const planned = from(this.#plans).pipe(
      concatMap((plan) => plan),
      tap((files) => files.map((file) => this.#add(file)).forEach((file) => this.#queue.next(file))),
      ignoreElements(),
      takeUntil(this.#paused),
    );
    const allPlanned = defer(() => {
      this.#isPlanned = true;
      this.#settle();
      return EMPTY;
    });
    const pause = pauseWhen.pipe(
      take(1),
      tap((signal) => this.#pause(signal)),
      ignoreElements(),
      takeUntil(ended),
    );
    const totals = this.#changed.pipe(
      throttleTime(tellEveryMs, this.#scheduler, { leading: true, trailing: true }),
      map((): ListEvent => ({ type: "total", at: this.#scheduler.now(), total: this.#tally.total() })),
      takeUntil(ended),
    );
    const end = defer(() => of(this.#end(this.#tally.total())));
    return concat(merge(this.#told, totals, work, pause, concat(planned, allPlanned)), end);
  }

  cancel(place: number, what: OnCancel): void {
    const file = this.#files[place];
    if (file?.state === "running") file.stop(what);
    if (file?.state !== "waiting") return;
    file.skip("cancelled");
    this.#ended(file);
  }

  retry(place: number): void {
    const file = this.#files[place];
    if (file === undefined || this.#isPaused) return;
    if (file.state !== "failed" && file.state !== "cancelled") return;
    file.again();
    this.#waits(file);
    this.#queue.next(file);
  }

  /** All files of an entry are told before the first one begins. */
  #add(planned: PlannedFile): FileRun {
    const file = new FileRun(this.#files.length, planned);
    this.#files.push(file);
    this.#waits(file);
    return file;
  }

  #waits(file: FileRun): void {
    this.#open += 1;
    this.#tell({ type: "file-waiting", at: this.#scheduler.now(), ...file.listed });
  }

  #download(file: FileRun): Observable<ListEvent> {
    const events = file.download(this.#paused).pipe(
      map((event): ListEvent => ({ type: "file-event", at: event.at, file: file.listed.file, event })),
      tap(() => this.#changed.next()),
    );
    const end = defer(() => {
      this.#ended(file);
      return EMPTY;
    });
    return defer(() => (file.state === "waiting" ? concat(events, end) : EMPTY));
  }

  #pause(signal: unknown): void {
    this.#isPaused = true;
    for (const file of this.#files) {
      if (file.state !== "waiting") continue;
      file.skip("paused");
      this.#ended(file);
    }
    this.#paused.next(signal);
  }

  #ended({ outcome }: FileRun): void {
    if (outcome !== undefined) this.#tell({ type: "file-ended", at: this.#scheduler.now(), outcome });
    this.#open -= 1;
    this.#settle();
  }

  /** The run ends when all files have. */
  #settle(): void {
    if (this.#isPlanned && this.#open === 0) this.#queue.complete();
  }

  #tell(event: ListEvent): void {
    this.#told.next(event);
    this.#changed.next();
  }

  #end(total: ListTotal): ListEvent {
    const outcomes = this.#files.flatMap(({ outcome }): readonly FileOutcome[] => (outcome ? [outcome] : []));
    return { type: "list-ended", at: this.#scheduler.now(), total, outcomes };
  }
}
