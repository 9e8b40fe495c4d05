import {
  catchError,
  concat,
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
  type SchedulerLike,
  startWith,
  Subject,
  takeUntil,
  takeWhile,
  tap,
  throttleTime,
} from "rxjs";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { OnCancel } from "../list/FileRun.js";
import type { ListEvent } from "../list/ListEvent.js";
import { ListRun } from "../list/ListRun.js";
import type { PlannedEntry } from "../list/PlannedEntry.js";
import type { PlannedFile } from "../list/PlannedFile.js";
import type { ManagerParts } from "./DownloadManager.js";
import { KnownDownloads, selecting } from "./KnownDownloads.js";
import type { ManagedDownload } from "./ManagedDownload.js";
import type { ManagerEvent } from "./ManagerEvent.js";
import type { ManagerMemory } from "./ManagerMemory.js";

/**
 * How often changes are saved that nobody waits for, ms: what began, ended or learned its name. A kill loses the last of them at most, which the next run finds
 * out again. A command is saved at once by `saved`, which its answer waits for. Each save writes the whole list.
 */
const saveEveryMs = 1000;

/** How often figures of the day are saved while nothing else is, ms. */
const figuresEveryMs = 30_000;

type Untimed<Event> = Event extends unknown ? Omit<Event, "at"> : never;

interface ManagerRunConfig {
  readonly memory: ManagerMemory;
  readonly parts: ManagerParts;
  readonly pauseWhen?: Observable<unknown> | undefined;
  readonly scheduler: SchedulerLike;
}

/** One subscription to a manager: an open list of what is in line, and what its events change. */
export class ManagerRun {
  readonly #config: ManagerRunConfig;
  readonly #list: ListRun;
  readonly #told = new Subject<ManagerEvent>();
  /** Work behind what was told: saves and removals. */
  readonly #behind = new Subject<Observable<never>>();
  readonly #counted = new Subject<void>();
  readonly #unsaved = new Subject<void>();
  /** Downloads that run and were told to stop, and those of which what is here is being removed. */
  readonly #stopping = new Set<number>();
  readonly #hasStopped = new Subject<void>();
  #bytesPerSecond = 0;
  #isEnding = false;

  constructor(config: ManagerRunConfig) {
    const { memory, scheduler, pauseWhen = NEVER } = config;
    this.#config = config;
    this.#list = new ListRun([], {
      concurrency: memory.settings.concurrency,
      isOpen: true,
      nextFile: () => memory.nextId(),
      pauseWhen: pauseWhen.pipe(tap(() => (this.#isEnding = true))),
      scheduler,
    });
  }

  /** Bytes that came a second, of late. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /** True from the signal to end on: what runs is paused, and what is changed now would not be told or done. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Completes when the downloads that are to stop now have, and what is to be removed is. */
  stopped(): Observable<never> {
    return defer(() => {
      const left = new Set(this.#stopping);
      const isLeft = (): boolean => [...left].some((id) => this.#stopping.has(id));
      return this.#hasStopped.pipe(startWith(undefined), takeWhile(isLeft), ignoreElements());
    });
  }

  /** Events, to the end of the list, when all that was changed is saved. */
  events(notice: string | undefined): Observable<ManagerEvent> {
    const { memory, parts, scheduler } = this.#config;
    const begin = defer(() => {
      this.limit();
      this.tell({ type: "manager-started" });
      if (notice !== undefined) this.tell({ type: "notice", message: notice });
      this.#takeUp();
      return EMPTY;
    });
    const ended = new Subject<void>();
    const work = merge(this.#list.events(), begin).pipe(
      parts.around,
      tap((event) => this.#take(event)),
      ignoreElements(),
      finalize(() => {
        // Whoever waits for a stop is answered before the end is told.
        for (const subject of [this.#hasStopped, this.#told, this.#behind]) subject.complete();
        ended.next();
      }),
    );
    const behind = this.#behind.pipe(
      mergeMap((each) =>
        each.pipe(
          catchError((error: unknown) => {
            this.tell({ type: "notice", message: toDownloadError(error).message });
            return EMPTY;
          }),
        ),
      ),
    );
    const figures = this.#counted.pipe(
      throttleTime(figuresEveryMs, scheduler, { leading: false, trailing: true }),
      tap(() => this.save()),
    );
    const saves = this.#unsaved.pipe(
      throttleTime(saveEveryMs, scheduler, { leading: true, trailing: true }),
      tap(() => this.#behind.next(memory.saved())),
    );
    // With the list, and not when the time is over: at the end all is saved.
    const later = merge(figures, saves).pipe(ignoreElements(), takeUntil(ended));
    return concat(merge(this.#told, behind, later, work), memory.saved());
  }

  tell(event: Untimed<ManagerEvent>): void {
    this.#told.next({ ...event, at: this.#config.scheduler.now() });
  }

  changed(download: ManagedDownload): void {
    this.save();
    this.tell({ type: "download-changed", download: download.id });
  }

  /** Lets what was changed be saved before long. */
  save(): void {
    this.#unsaved.next();
  }

  /** Takes in changed settings. */
  limit(): void {
    const { memory, parts } = this.#config;
    this.#list.limit(memory.settings.concurrency);
    parts.limit(memory.settings.limitRate ?? undefined);
  }

  /** True while a download is in line or runs. */
  has(download: ManagedDownload): boolean {
    return this.#list.has(download.id);
  }

  lineUp(download: ManagedDownload): void {
    try {
      const entry = this.#plan(download);
      download.waits();
      this.#list.add(entry, download.id, download.standing);
    } catch (error) {
      const { code, message } = toDownloadError(error);
      download.change({ state: "failed", error: { code, message } });
    }
    this.changed(download);
  }

  #plan(download: ManagedDownload): PlannedEntry {
    const { memory, parts } = this.#config;
    const entry = parts.plan(download.record, memory.settings);
    const { files } = entry;
    return isObservable(files) ? { ...entry, files: files.pipe(map((all) => this.#unlisted(download, all))) } : entry;
  }

  /**
   * The files of a Metalink that are no downloads yet, as when an entry is added again of which some were removed; the first where all are. The download is the
   * first of these from then on, whatever the others become.
   */
  #unlisted(download: ManagedDownload, all: readonly PlannedFile[]): readonly PlannedFile[] {
    if (all.length < 2) return all;
    const { id, record } = download;
    const known = new KnownDownloads(this.#config.memory.downloads.inOrder.filter((each) => each.id !== id));
    const isListed = ({ name }: PlannedFile): boolean =>
      name !== undefined && known.of({ ...record, added: selecting(record, name) }).isAll;
    const left = all.filter((file) => !isListed(file));
    const found = left.length === 0 ? all.slice(0, 1) : left;
    const [{ name } = {}] = found;
    const { options } = record.entry ?? record.added;
    const added = name === undefined ? record.added : selecting(record, name);
    download.change({ added, entry: { options, files: all.length } });
    return found;
  }

  place(): void {
    for (const download of this.#config.memory.downloads.inOrder) this.#list.place(download.id, download.standing);
  }

  pause({ id }: ManagedDownload): void {
    this.#stop(id, () => this.#list.pause(id));
  }

  cancel({ id }: ManagedDownload, files: OnCancel): void {
    this.#stop(id, () => this.#list.cancel(id, files));
  }

  /** Removes what is here of a download that does not run. */
  discard(download: ManagedDownload): void {
    const { id, path } = download.record;
    download.change({ removed: true, done: 0 });
    if (path === undefined) return;
    this.#stopping.add(id);
    this.#behind.next(this.#config.parts.discard(path).pipe(finalize(() => this.#stopped(id))));
  }

  drop(download: ManagedDownload): void {
    this.#config.memory.downloads.delete(download);
    this.save();
    this.tell({ type: "download-removed", download: download.id });
  }

  #stop(id: number, stop: () => void): void {
    if (this.#list.has(id)) this.#stopping.add(id);
    stop();
  }

  #stopped(id: number): void {
    this.#stopping.delete(id);
    this.#hasStopped.next();
  }

  /** Puts in line what was there when the manager ended; what ran then is first. */
  #takeUp(): void {
    const { inOrder } = this.#config.memory.downloads;
    const running = inOrder.filter(({ record }) => record.state === "running");
    const waiting = inOrder.filter(({ record }) => record.state === "waiting");
    for (const download of [...running, ...waiting]) this.lineUp(download);
  }

  #take(event: ListEvent): void {
    if (event.type === "total") this.#bytesPerSecond = event.total.bytesPerSecond;
    if (event.type === "file-waiting") this.#named(event);
    if (event.type === "file-reading") this.#reads(event.file, true);
    if (event.type === "file-event") this.#fold(event);
    if (event.type === "file-ended") this.#ended(event);
  }

  /** The Metalink of a download is read, or not any more. */
  #reads(file: number, isReading: boolean): void {
    const download = this.#config.memory.downloads.find(file);
    if (download === undefined || download.isReading === isReading) return;
    download.isReading = isReading;
    this.tell({ type: "download-changed", download: file });
  }

  /** A Metalink may name more files than the one that stands for it, which are downloads of their own from then on. */
  #named({ file, entry, name, size }: Extract<ListEvent, { readonly type: "file-waiting" }>): void {
    const { downloads } = this.#config.memory;
    this.#reads(file, false);
    const known = downloads.find(file);
    const named = { ...(name !== undefined && { name }), ...(size !== undefined && { size }) };
    if (known !== undefined && name !== undefined) known.named(named);
    const first = entry === undefined ? undefined : downloads.find(entry);
    if (known !== undefined || first === undefined) return;
    const { record } = first;
    const { options } = record.entry ?? record.added;
    const added = name === undefined ? { ...record.added, options } : selecting(record, name);
    const { path: _path, ...common } = record;
    const another = downloads.add({ ...common, ...named, id: file, state: "waiting", added, entry: { options } });
    this.tell({ type: "order-changed" });
    this.changed(another);
  }

  #fold({ file, event }: Extract<ListEvent, { readonly type: "file-event" }>): void {
    const { memory, scheduler } = this.#config;
    const download = memory.downloads.find(file);
    if (download === undefined) return;
    if (download.record.state !== "running") {
      download.begin();
      this.tell({ type: "download-begun", download: file });
      this.changed(download);
    }
    const received = download.fold(event, scheduler.now());
    if (event.type === "download-started") this.save();
    if (memory.days.book(event, received)) this.#counted.next();
    this.tell({ type: "download-event", download: file, event });
    this.tell({ type: "download-changed", download: file });
  }

  #ended({ outcome, at }: Extract<ListEvent, { readonly type: "file-ended" }>): void {
    const { downloads } = this.#config.memory;
    this.#reads(outcome.file, false);
    const download = downloads.find(outcome.file);
    if (download === undefined) return;
    const { afterStop, record } = download;
    download.afterStop = undefined;
    // What stops with the manager is in line again when the manager runs again.
    if (this.#isEnding && outcome.status === "paused") {
      if (record.state !== "running") download.waits();
    } else download.end(outcome, at);
    downloads.ended(download);
    if (afterStop === "remove") this.drop(download);
    else if (afterStop === "resume" && download.isStopped) this.lineUp(download);
    else this.changed(download);
    this.#stopped(outcome.file);
  }
}
