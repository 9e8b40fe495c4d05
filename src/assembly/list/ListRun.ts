/*
 * A run of a list is two lines of files, and a number of hands for each.
 *
 *     entries ─▶ FileRun (waiting) ─▶ line (Turns), so many at a time ──▶ FileRun (running) ─▶ its outcome
 *                 ▲  │         ▲                                                                │
 *                 │  └▶ line of Metalinks, read side by side: the files they name               │
 *                 └──────────────────────────────── retry ◀─────────────────────────────────────┘
 *
 * A file's state is its own (`FileRun`); the run knows which there are. Whatever may make room, or lets a file wait, is told to `Turns`, which begins what
 * there is room for. A run that is closed ends when all files have; one that is open waits for more, and forgets a file when it has told its end.
 */
import {
  asyncScheduler,
  catchError,
  concat,
  defaultIfEmpty,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  isObservable,
  map,
  merge,
  mergeMap,
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
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { failedBeforeStart } from "../../discovery/beforeStart.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { FileEvent } from "../node/downloadFile.js";
import { FileRun, type OnCancel, type Standing } from "./FileRun.js";
import type { FileOutcome, ListedFile, ListEvent, ListTotal } from "./ListEvent.js";
import { ListTally } from "./ListTally.js";
import type { PlannedEntry } from "./PlannedEntry.js";
import type { PlannedFile } from "./PlannedFile.js";
import { Turns } from "./Turns.js";

const tellEveryMs = 250;

export interface ListRunConfig {
  /** Files that are downloaded at a time, and Metalinks that are read. */
  readonly concurrency: number;
  /** Signal to pause all, which ends the run. @default never */
  readonly pauseWhen?: Observable<unknown> | undefined;
  /** True when the run waits for more entries when all files have ended, and keeps nothing of those that have. @default false */
  readonly isOpen?: boolean;
  /** Number for the next file that is given none. @default from 0 */
  readonly nextFile?: () => number;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** An entry in one run, with the files of it that are known; the first one stands for it until its Metalink has been read. */
interface RunEntry<Event extends DownloadEvent> {
  readonly planned: PlannedEntry<Event>;
  readonly first: FileRun<Event>;
  readonly others: FileRun<Event>[];
}

/** One subscription to a list. */
export class ListRun<Event extends DownloadEvent = FileEvent> {
  readonly #config: ListRunConfig;
  readonly #scheduler: SchedulerLike;
  readonly #files = new Map<number, FileRun<Event>>();
  readonly #entries = new Map<number, RunEntry<Event>>();
  readonly #turns: Turns<FileRun<Event>>;
  readonly #readings = new Subject<RunEntry<Event>>();
  readonly #downloads = new Subject<FileRun<Event>>();
  readonly #told = new Subject<ListEvent<Event>>();
  readonly #changed = new Subject<void>();
  readonly #paused = new ReplaySubject<unknown>(1);
  readonly #tally: ListTally;
  #numbers = 0;
  /** Files that have not ended. */
  #open = 0;
  #isPaused = false;

  constructor(entries: readonly PlannedEntry<Event>[], config: ListRunConfig) {
    this.#config = config;
    this.#turns = new Turns(config.concurrency, {
      download: (file) => this.#downloads.next(file),
      read: ({ listed }) => {
        const entry = this.#entries.get(listed.file);
        if (entry !== undefined) this.#readings.next(entry);
      },
    });
    this.#scheduler = config.scheduler ?? asyncScheduler;
    for (const planned of entries) this.#enter(planned);
    this.#tally = new ListTally(this.#files, () => this.#scheduler.now());
  }

  get size(): number {
    return this.#files.size;
  }

  has(file: number): boolean {
    return this.#files.has(file);
  }

  events(): Observable<ListEvent<Event>> {
    const { pauseWhen = NEVER } = this.#config;
    const ended = new Subject<void>();
    const work = this.#downloads.pipe(
      mergeMap((file) => this.#download(file)),
      finalize(() => {
        this.#told.complete();
        this.#changed.complete();
        ended.next();
      }),
    );
    const read = this.#readings.pipe(mergeMap((entry) => this.#read(entry)));
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
      map((): ListEvent<Event> => ({ type: "total", at: this.#scheduler.now(), total: this.#tally.total() })),
      takeUntil(ended),
    );
    const end = defer(() => of(this.#end(this.#tally.total())));
    return concat(merge(this.#told, totals, work, read, pause, begin), end);
  }

  /** Adds an entry while the list runs, whose first file has this number. */
  add(planned: PlannedEntry<Event>, file: number, standing?: Standing): void {
    if (this.#isPaused) return;
    const { first } = this.#enter(planned, file, standing);
    this.#tellWaiting(first);
    this.#turns.lineUp(first);
  }

  /** Gives a file another place among those that wait. */
  place(number: number, standing: Standing): void {
    const file = this.#files.get(number);
    if (file === undefined) return;
    file.standing = standing;
    this.#turns.place(file, standing);
  }

  limit(concurrency: number): void {
    this.#turns.limit(concurrency);
  }

  pause(number: number): void {
    this.#stop(number, "pause");
  }

  cancel(number: number, what: OnCancel): void {
    this.#stop(number, what);
  }

  retry(number: number): void {
    const file = this.#files.get(number);
    if (file === undefined || this.#isPaused) return;
    if (file.state !== "failed" && file.state !== "cancelled" && file.state !== "paused") return;
    file.again();
    this.#open += 1;
    this.#tellWaiting(file);
    this.#turns.lineUp(file);
  }

  #stop(number: number, what: OnCancel | "pause"): void {
    const file = this.#files.get(number);
    if (file === undefined) return;
    if (file.state === "running") file.stop(what);
    else if (file.state === "waiting" || file.state === "reading")
      this.#skip(file, what === "pause" ? "paused" : "cancelled");
  }

  #skip(file: FileRun<Event>, status: "paused" | "cancelled"): void {
    this.#turns.leave(file);
    file.skip(status);
    this.#ended(file);
  }

  #enter(planned: PlannedEntry<Event>, number = this.#nextFile(), standing?: Standing): RunEntry<Event> {
    const { source, files } = planned;
    const first = this.#addFile({ file: number, ...(source !== undefined && { source }) }, standing);
    if (!isObservable(files)) first.plan(files);
    const entry = { planned, first, others: [] };
    this.#entries.set(number, entry);
    return entry;
  }

  #addFile(listed: ListedFile, standing?: Standing): FileRun<Event> {
    const file = new FileRun<Event>(listed, standing);
    this.#files.set(listed.file, file);
    this.#open += 1;
    return file;
  }

  #nextFile(): number {
    return this.#config.nextFile?.() ?? this.#numbers++;
  }

  /** All files are told before the first one begins. */
  #begin(): void {
    const files = this.#isPaused ? [] : [...this.#files.values()];
    for (const file of files) this.#tellWaiting(file);
    for (const file of files) this.#turns.lineUp(file);
    this.#settle();
  }

  #tellWaiting(file: FileRun<Event>): void {
    this.#tell({ type: "file-waiting", at: this.#scheduler.now(), ...file.listed });
  }

  /** Reads the files of an entry; what is wrong with them is the failure of this entry. */
  #read(entry: RunEntry<Event>): Observable<never> {
    const { files } = entry.planned;
    const file = entry.first.listed.file;
    const reading = defer(() => {
      this.#tell({ type: "file-reading", at: this.#scheduler.now(), file });
      return isObservable(files) ? files : of([files]);
    });
    const found = entry.first.reads(reading.pipe(take(1), defaultIfEmpty([]))).pipe(
      tap((all) => this.#found(entry, all)),
      catchError((error: unknown) => {
        this.#unreadable(entry.first, toDownloadError(error));
        return EMPTY;
      }),
      ignoreElements(),
    );
    const end = defer(() => {
      this.#turns.ended("read");
      return EMPTY;
    });
    return concat(found, end);
  }

  #found(
    { planned: { source }, first, others }: RunEntry<Event>,
    [file, ...more]: readonly PlannedFile<Event>[],
  ): void {
    if (file === undefined) throw new DownloadError("INVALID_MANIFEST", `${source ?? "the entry"} names no file`);
    first.plan(file);
    for (const another of more) {
      const listed = { file: this.#nextFile(), entry: first.listed.file, ...(source !== undefined && { source }) };
      const run = this.#addFile(listed, first.standing);
      run.plan(another);
      others.push(run);
    }
    const found = [first, ...others];
    for (const run of found) this.#tellWaiting(run);
    for (const run of found) this.#turns.lineUp(run);
  }

  #unreadable(file: FileRun<Event>, error: DownloadError): void {
    const at = this.#scheduler.now();
    // Every download has this event, whatever its last one tells when it completes.
    const event = failedBeforeStart({ error }, at) as DownloadEvent as Event;
    file.fail(error);
    this.#tell({ type: "file-event", at, file: file.listed.file, event });
    this.#ended(file);
  }

  #download(file: FileRun<Event>): Observable<ListEvent<Event>> {
    const events = file.download(this.#paused).pipe(
      map((event): ListEvent<Event> => ({ type: "file-event", at: event.at, file: file.listed.file, event })),
      tap(() => this.#changed.next()),
    );
    const end = defer(() => {
      this.#ended(file);
      this.#turns.ended("download");
      return EMPTY;
    });
    return concat(events, end);
  }

  #pause(signal: unknown): void {
    this.#isPaused = true;
    for (const file of this.#files.values())
      if (file.state === "waiting" || file.state === "reading") this.#skip(file, "paused");
    this.#paused.next(signal);
    this.#settle();
  }

  #ended(run: FileRun<Event>): void {
    const { outcome, listed } = run;
    if (this.#config.isOpen) {
      run.leave();
      this.#files.delete(listed.file);
      this.#entries.delete(listed.file);
    }
    this.#open -= 1;
    // Whoever hears of it may add it again in the same breath.
    if (outcome !== undefined) this.#tell({ type: "file-ended", at: this.#scheduler.now(), outcome });
    this.#settle();
  }

  /** The run ends when all files have. */
  #settle(): void {
    if (this.#open > 0 || (this.#config.isOpen && !this.#isPaused)) return;
    this.#readings.complete();
    this.#downloads.complete();
  }

  #tell(event: ListEvent<Event>): void {
    this.#told.next(event);
    this.#changed.next();
  }

  #end(total: ListTotal): ListEvent<Event> {
    const files = [...this.#entries.values()].flatMap(({ first, others }) => [first, ...others]);
    const outcomes = files.flatMap(({ outcome }): readonly FileOutcome<Event>[] => (outcome ? [outcome] : []));
    return { type: "list-ended", at: this.#scheduler.now(), total, outcomes };
  }
}
