/*
 * A list is a queue of files and a number of hands.
 *
 *     entries ─▶ FileRun (waiting) ─▶ queue ─▶ mergeMap, so many at a time ─▶ FileRun (running) ─▶ its outcome
 *                 ▲  │         ▲                                                                    │
 *                 │  └▶ Metalinks, read side by side: the files they name                           │
 *                 └──────────────────────────────── retry ◀─────────────────────────────────────────┘
 *
 * A file's state is its own (`FileRun`); the run knows which there are, and ends when all have ended. A file that was cancelled while it
 * waited is passed over when its turn comes. Nothing is kept from one run to the next: what is on the disk is what there is.
 */
import {
  asyncScheduler,
  concat,
  catchError,
  defaultIfEmpty,
  defer,
  EMPTY,
  finalize,
  identity,
  ignoreElements,
  isObservable,
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
  throwError,
} from "rxjs";
import { checkShape } from "../../../operators/checkOptions.js";
import { failedBeforeStart } from "../../discovery/beforeStart.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { FileRun } from "./FileRun.js";
import type { FileOutcome, ListEvent, ListTotal } from "./ListEvent.js";
import { ListTally } from "./ListTally.js";
import type { PlannedEntry } from "./PlannedEntry.js";
import type { PlannedFile } from "./PlannedFile.js";

const tellEveryMs = 250;

export interface DownloadListConfig {
  /** Files that are downloaded at a time, and Metalinks that are read. */
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
  readonly #entries: readonly PlannedEntry[];
  readonly #config: DownloadListConfig;
  #run: ListRun | undefined;

  /** @internal */
  constructor(entries: readonly PlannedEntry[], config: DownloadListConfig) {
    this.#entries = entries;
    this.#config = config;
  }

  /**
   * Events of the list. Nothing happens before a subscription, and each one runs the whole list: what is here already is passed over, what is begun
   * is taken up. One subscription at a time, another one ends with `LOCKED`: share it. No failure of a file or of a Metalink is an error, also not one that names several files where there is
   * one name or one mirror for them all; the last event is `list-ended`, with the outcome of each. Unsubscribing stops all at once and saves behind.
   */
  readonly events: Observable<ListEvent> = defer(() => {
    if (this.#run !== undefined)
      throw new DownloadError("LOCKED", "this list runs already; share its events, as with pipe(share())");
    const run = new ListRun(this.#entries, this.#config);
    this.#run = run;
    const stopped = (): void => {
      if (this.#run === run) this.#run = undefined;
    };
    const { around = identity } = this.#config;
    // What stands around is gone, and the list free, before the end is told: whoever hears of it may subscribe again in the same breath.
    const end = defer(() => {
      stopped();
      return EMPTY;
    });
    return concat(run.events().pipe(around), end).pipe(
      catchError((error: unknown) =>
        concat(
          end,
          throwError(() => error),
        ),
      ),
      finalize(stopped),
    );
  });

  /**
   * Stops one file, by its number, and keeps what is here of it for another time, or removes it, which may also be wished while it stops. A file that has ended
   * stays as it is, and one that has not begun has nothing that would be removed.
   *
   * @throws RangeError when there is no such file; nothing runs without a subscription. TypeError for another word than "keep" and "remove".
   */
  cancel(file: number, what: "keep" | "remove" = "keep"): void {
    checkShape("what", what, { must: '"keep" or "remove"', fits: (value) => value === "keep" || value === "remove" });
    this.#runOf(file).cancel(file, what);
  }

  /**
   * Puts a file in line again that has failed or was cancelled, while the list runs; a Metalink that could not be read is read again.
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
    throw new RangeError(`file is ${file}, and ${text}; it must be the number of a file, from 0`);
  }
}

/** An entry in one run, with the files of it that are known; the first one stands for it until its Metalink has been read. */
interface RunEntry {
  readonly planned: PlannedEntry;
  readonly first: FileRun;
  readonly others: FileRun[];
}

/** One subscription. */
class ListRun {
  readonly #config: DownloadListConfig;
  readonly #scheduler: SchedulerLike;
  readonly #files: FileRun[] = [];
  readonly #entries: readonly RunEntry[];
  readonly #queue = new Subject<FileRun>();
  readonly #unread = new Subject<RunEntry>();
  readonly #told = new Subject<ListEvent>();
  readonly #changed = new Subject<void>();
  readonly #paused = new ReplaySubject<unknown>(1);
  readonly #tally: ListTally;
  /** Files that have not ended. */
  #open = 0;
  #isPaused = false;

  constructor(entries: readonly PlannedEntry[], config: DownloadListConfig) {
    this.#entries = entries.map((planned) => {
      const first = this.#add(planned);
      if (!isObservable(planned.files)) first.plan(planned.files);
      return { planned, first, others: [] };
    });
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
    const read = this.#unread.pipe(mergeMap((entry) => this.#read(entry), concurrency));
    const begin = defer(() => {
      this.#begin();
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
    return concat(merge(this.#told, totals, work, read, pause, begin), end);
  }

  cancel(place: number, what: "keep" | "remove"): void {
    const file = this.#files[place];
    if (file?.state === "running") file.stop(what);
    if (file?.state !== "waiting" && file?.state !== "reading") return;
    file.skip("cancelled");
    this.#ended(file);
  }

  retry(place: number): void {
    const file = this.#files[place];
    if (file === undefined || this.#isPaused) return;
    if (file.state !== "failed" && file.state !== "cancelled") return;
    file.again();
    this.#open += 1;
    this.#tellWaiting(file);
    this.#lineUp(file);
  }

  #add({ source }: PlannedEntry): FileRun {
    const file = new FileRun(this.#files.length, source);
    this.#files.push(file);
    this.#open += 1;
    return file;
  }

  /** All files are told before the first one begins. */
  #begin(): void {
    const files = this.#isPaused ? [] : [...this.#files];
    for (const file of files) this.#tellWaiting(file);
    for (const file of files) this.#lineUp(file);
    this.#settle();
  }

  #lineUp(file: FileRun): void {
    const entry = file.isPlanned ? undefined : this.#entries[file.listed.file];
    if (entry === undefined) this.#queue.next(file);
    else this.#unread.next(entry);
  }

  #tellWaiting(file: FileRun): void {
    this.#tell({ type: "file-waiting", at: this.#scheduler.now(), ...file.listed });
  }

  /** Reads the files of an entry; what is wrong with them is the failure of this entry. */
  #read(entry: RunEntry): Observable<never> {
    const { files } = entry.planned;
    const reading = isObservable(files) ? files : of([files]);
    return entry.first.reads(reading.pipe(take(1), defaultIfEmpty([]))).pipe(
      tap((found) => this.#found(entry, found)),
      catchError((error: unknown) => {
        this.#unreadable(entry.first, toDownloadError(error));
        return EMPTY;
      }),
      ignoreElements(),
    );
  }

  #found({ planned, first, others }: RunEntry, [file, ...more]: readonly PlannedFile[]): void {
    if (file === undefined)
      throw new DownloadError("INVALID_MANIFEST", `${planned.source ?? "the entry"} names no file`);
    first.plan(file);
    for (const another of more) {
      const run = this.#add(planned);
      run.plan(another);
      others.push(run);
    }
    const found = [first, ...others];
    for (const run of found) this.#tellWaiting(run);
    for (const run of found) this.#lineUp(run);
  }

  #unreadable(file: FileRun, error: DownloadError): void {
    const at = this.#scheduler.now();
    file.fail(error);
    this.#tell({ type: "file-event", at, file: file.listed.file, event: failedBeforeStart(error, at) });
    this.#ended(file);
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
      if (file.state !== "waiting" && file.state !== "reading") continue;
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
    if (this.#open > 0) return;
    this.#unread.complete();
    this.#queue.complete();
  }

  #tell(event: ListEvent): void {
    this.#told.next(event);
    this.#changed.next();
  }

  #end(total: ListTotal): ListEvent {
    const files = this.#entries.flatMap(({ first, others }) => [first, ...others]);
    const outcomes = files.flatMap(({ outcome }): readonly FileOutcome[] => (outcome ? [outcome] : []));
    return { type: "list-ended", at: this.#scheduler.now(), total, outcomes };
  }
}
