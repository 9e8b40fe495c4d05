/*
 * A manager is an open list that remembers.
 *
 *     store ─▶ records ─▶ ListRun (those in line) ─▶ events ─▶ records ─▶ store
 *                ▲                                      │
 *     add, pause, resume, move ...                      └▶ what is told: rows, details, days
 *
 * What is kept of a download (`ManagedDownload`) is the truth; the list has only those that wait or run, and forgets each when it has ended. So a restart is
 * nothing special: what was in line when the manager ended, however it ended, is put in line again.
 */
import {
  asyncScheduler,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  takeWhile,
  toArray,
} from "rxjs";
import { type AddedDownload, type AddedOptions, addedSchema } from "../../control/AddedDownload.js";
import type { DayStatistics } from "../../control/DayStatistics.js";
import type { DownloadDetail } from "../../control/DownloadDetail.js";
import type { DownloadRow, ManagerTotal } from "../../control/DownloadRow.js";
import { type ManagerSettings, type SettingsChange, settingsChangeSchema } from "../../control/ManagerSettings.js";
import type { LoadedManager, ManagerStore } from "../../control/ManagerStore.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { excerpt } from "../../errors/excerpt.js";
import { resolveRetryConfig } from "../../download/RetryConfig.js";
import type { ListEvent } from "../list/ListEvent.js";
import type { PlannedEntry } from "../list/PlannedEntry.js";
import { checkKept } from "./checkKept.js";
import { KnownDownloads, type Plannable } from "./KnownDownloads.js";
import type { ManagedDownload } from "./ManagedDownload.js";
import type { Chosen, Move } from "./ManagedDownloads.js";
import type { ManagerEvent } from "./ManagerEvent.js";
import { ManagerMemory } from "./ManagerMemory.js";
import { ManagerRun } from "./ManagerRun.js";

const ending = "the manager of downloads is ending, and changes nothing any more; ask again when it runs again";

export interface ManagerParts {
  readonly store: ManagerStore;
  /** The download of a record. Throws `TypeError` or `RangeError` for words that cannot be. */
  readonly plan: (record: Plannable, settings: ManagerSettings) => PlannedEntry;
  /** Changes the rate of all together, bytes a second. */
  readonly limit: (limitRate: number | undefined) => void;
  /** Removes what is here of a file that grows beside this path. */
  readonly discard: (path: string) => Observable<never>;
  /** Stands around the list. */
  readonly around: MonoTypeOperatorFunction<ListEvent>;
}

/** Numbers of downloads that were to be added, in their order, and of those among them that were there already. */
export interface EnteredDownloads {
  readonly ids: readonly number[];
  readonly known: readonly number[];
}

export interface ManagerConfig {
  /** Settings that nobody has changed yet. */
  readonly settings: ManagerSettings;
  /** Signal to end: what runs is paused and saved, and taken up when the manager runs again. @default never */
  readonly pauseWhen?: Observable<unknown> | undefined;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * Many downloads that outlast the process. Made by `manageDownloads`. Commands take effect at once, while somebody is subscribed to `events`; `saved` tells
 * when they are on the disk. A command that names a download which is not there throws a `RangeError` and changes nothing; one that comes while nobody is
 * subscribed throws a `TypeError`, and one after `pauseWhen` a `DownloadError` `ENDING`.
 */
export class DownloadManager {
  readonly #parts: ManagerParts;
  readonly #config: ManagerConfig;
  readonly #scheduler: SchedulerLike;
  readonly #memory: ManagerMemory;
  #current: ManagerRun | undefined;

  /** @internal */
  constructor(parts: ManagerParts, config: ManagerConfig) {
    this.#parts = parts;
    this.#config = config;
    this.#scheduler = config.scheduler ?? asyncScheduler;
    this.#memory = new ManagerMemory(parts.store, config.settings, () => this.#scheduler.now());
  }

  /**
   * Events of the manager, which runs as long as somebody is subscribed: one at a time, share it. Errors with `LOCKED` when another manager has the store, or
   * `LOCAL_IO` when it cannot be read. Completes after `pauseWhen`. Unsubscribing stops all at once; what was in line is taken up by the next subscription.
   */
  readonly events: Observable<ManagerEvent> = defer(() => {
    if (this.#current !== undefined)
      throw new DownloadError("LOCKED", "this manager runs already; share its events, as with pipe(share())");
    const { store } = this.#parts;
    const run = defer(() => store.load()).pipe(concatMap((loaded) => this.#runOf(loaded)));
    return store.hold().pipe(
      switchMap(() => concat(run, of(undefined))),
      takeWhile((event) => event !== undefined),
    );
  });

  get settings(): ManagerSettings {
    return this.#memory.settings;
  }

  /** Numbers of all downloads as they stand in line. */
  get order(): readonly number[] {
    return this.#memory.downloads.inOrder.map(({ id }) => id);
  }

  get total(): ManagerTotal {
    return this.#memory.downloads.total(Math.max(0, this.#current?.bytesPerSecond ?? 0));
  }

  /** Figures of each day on which something was downloaded, oldest first. */
  get statistics(): readonly DayStatistics[] {
    return this.#memory.days.days;
  }

  has(download: number): boolean {
    return this.#memory.downloads.has(download);
  }

  row(download: number): DownloadRow {
    return this.#memory.downloads.get(download).row(this.settings.dir);
  }

  /** Fold of the events of a download, and the options it was added with. */
  detail(download: number): { readonly detail: DownloadDetail; readonly options: AddedOptions } {
    const { detail, record } = this.#memory.downloads.get(download);
    return { detail, options: record.added.options };
  }

  /** Events of a chunk in this run of a download, oldest first; `whole` is false when earlier ones are not kept. */
  history(download: number, chunk: number): { readonly events: readonly DownloadEvent[]; readonly whole: boolean } {
    return this.#memory.downloads.get(download).history(chunk);
  }

  /**
   * Adds downloads to the end of the list, all or none, with the subscription; emits their numbers when they are saved. One of the same words as another is
   * that one, which goes on, or is tried again when it has ended; so it is with the files of a Metalink. Errors with a `TypeError` or `RangeError` that says
   * what cannot be, and of which, with `LOCAL_IO`, and with `ENDING`.
   */
  add(downloads: readonly AddedDownload[]): Observable<readonly number[]> {
    return this.enter(downloads).pipe(map(({ ids }) => ids));
  }

  /**
   * Adds downloads as `add` does, and emits also which of them were there already.
   *
   * @internal
   */
  enter(downloads: readonly AddedDownload[]): Observable<EnteredDownloads> {
    return defer(() => {
      this.#obeying();
      for (const [place, added] of downloads.entries())
        named(downloads, place, () => {
          checkKept("the download", added, addedSchema);
          checkForeign(added);
        });
      return from(downloads);
    }).pipe(
      concatMap((added) => this.#withDocument(added)),
      toArray(),
      concatMap((all) => {
        for (const [place, { plannable }] of all.entries())
          named(all, place, () => this.#parts.plan(plannable, this.settings));
        // Two of the same words would ask for one place.
        const known = new KnownDownloads(this.#memory.downloads.inOrder);
        const wasKnown = new Set<number>();
        const ids = all.map(({ plannable, given }) => {
          const { listed, isAll } = known.of(plannable);
          for (const each of listed) {
            wasKnown.add(each.id);
            this.#wantAgain(each, given);
          }
          const [first] = isAll ? listed : [];
          const download = first ?? this.#enter(plannable, given);
          known.note(download);
          return download.id;
        });
        return concat(this.#memory.saved(), of({ ids, known: [...wasKnown] }));
      }),
    );
  }

  /** Pauses those that wait or run. */
  pause(chosen: Chosen): void {
    const run = this.#obeying();
    for (const download of this.#memory.downloads.chooseToStop(chosen)) {
      if (download.afterStop === "resume") download.afterStop = undefined;
      run.pause(download);
    }
  }

  /** Puts those that are paused or cancelled in line again. */
  resume(chosen: Chosen): void {
    const run = this.#obeying();
    for (const download of this.#memory.downloads.choose(chosen)) {
      if (download.isStopped) run.lineUp(download);
      else if (run.has(download)) download.afterStop ??= "resume";
    }
  }

  /** Stops those that are not complete; `files` says what becomes of what is here of them. */
  cancel(chosen: Chosen, files: "keep" | "remove" = "keep"): void {
    const run = this.#obeying();
    for (const download of this.#memory.downloads.chooseToStop(chosen)) {
      if (download.afterStop === "resume") download.afterStop = undefined;
      if (run.has(download)) run.cancel(download, files);
      else if (download.record.state !== "completed") {
        download.change({ state: "cancelled" });
        if (files === "remove") run.discard(download);
        run.changed(download);
      }
    }
  }

  /** Puts those that failed in line again. */
  retry(chosen: Chosen): void {
    const run = this.#obeying();
    const all = this.#memory.downloads.choose(chosen);
    for (const download of all) if (download.record.state === "failed") run.lineUp(download);
  }

  /** Takes downloads off the list; what is in line is cancelled first. Complete files stay. */
  remove(chosen: Chosen, files: "keep" | "remove" = "keep"): void {
    const run = this.#obeying();
    for (const download of this.#memory.downloads.chooseToStop(chosen)) {
      if (run.has(download)) {
        download.afterStop = "remove";
        run.cancel(download, files);
      } else {
        if (files === "remove" && download.record.state !== "completed") run.discard(download);
        run.drop(download);
      }
    }
  }

  /** Gives downloads a priority, or another place. */
  move(chosen: readonly number[], move: Move): void {
    const run = this.#obeying();
    const moved = this.#memory.downloads.move(chosen, move);
    run.place();
    run.tell({ type: "order-changed" });
    for (const download of moved) run.changed(download);
  }

  /** Changes settings, at once. @throws TypeError or RangeError for a setting that cannot be */
  configure(change: SettingsChange): void {
    const run = this.#obeying();
    checkKept("the change of settings", change, settingsChangeSchema);
    if (change.retry !== undefined) resolveRetryConfig(change.retry);
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    this.#memory.settings = { ...this.settings, ...Object.fromEntries(given) };
    run.limit();
    run.save();
    run.tell({ type: "settings-changed" });
  }

  /** Completes when what was to stop by now has stopped, what was to be removed is gone, and all changes are saved. Errors with `LOCAL_IO`. */
  saved(): Observable<never> {
    return defer(() => concat(this.#current?.stopped() ?? EMPTY, this.#memory.saved()));
  }

  #runOf({ record, notice }: LoadedManager): Observable<ManagerEvent> {
    this.#memory.restore(record);
    const { pauseWhen } = this.#config;
    const run = new ManagerRun({ memory: this.#memory, parts: this.#parts, pauseWhen, scheduler: this.#scheduler });
    this.#current = run;
    return run.events(notice).pipe(finalize(() => (this.#current = undefined)));
  }

  /** The run that obeys commands. Throws as they do where there is none. */
  #obeying(): ManagerRun {
    if (this.#current === undefined) throw new TypeError("nobody is subscribed to the events of the manager");
    if (this.#current.isEnding) throw new DownloadError("ENDING", ending);
    return this.#current;
  }

  /** Words of a download whose document, if it was given one, is kept. */
  #withDocument(given: AddedDownload): Observable<{ readonly plannable: Plannable; readonly given: AddedDownload }> {
    const { sources = [], metalink, options = {}, isForeign = false } = given;
    if (metalink === undefined) return of({ given, plannable: { added: { sources, options }, isForeign } });
    const keep = this.#parts.store.keepDocument(metalink);
    return keep.pipe(map((path) => ({ given, plannable: { added: { sources: [path], options }, isForeign: true } })));
  }

  /** Wants a download that is listed, whatever became of it: what is here of it is taken up, as by the same `get` again. */
  #wantAgain(download: ManagedDownload, { paused = false }: AddedDownload): void {
    // One that is being stopped, or removed, goes on when it has stopped.
    if (!download.hasEnded) download.afterStop = paused ? undefined : "resume";
    else if (!paused) this.#obeying().lineUp(download);
  }

  #enter(plannable: Plannable, { priority = "normal", paused = false }: AddedDownload): ManagedDownload {
    const run = this.#obeying();
    const [id, addedAt] = [this.#memory.nextId(), this.#scheduler.now()];
    const download = this.#memory.downloads.add({ ...plannable, id, priority, state: "paused", done: 0, addedAt });
    run.tell({ type: "order-changed" });
    if (paused) run.changed(download);
    else run.lineUp(download);
    return download;
  }
}

/** Makes a thing from one of several; an error about it is told with its place. */
function named(all: readonly unknown[], place: number, make: () => unknown): void {
  try {
    make();
  } catch (error) {
    if (!(error instanceof Error) || all.length === 1) throw error;
    const text = `download ${place + 1} of the request: ${error.message}`;
    throw error instanceof RangeError ? new RangeError(text) : new TypeError(text);
  }
}

/** A list from elsewhere may name no file of this machine. @throws TypeError */
function checkForeign({ isForeign = false, sources = [] }: AddedDownload): void {
  const path = sources.find((source) => !/^(?:(?:https?|wss?):|[0-9a-f]{64}$)/i.test(source));
  if (!isForeign || path === undefined) return;
  throw new TypeError(
    `${JSON.stringify(excerpt(path))} is of a list that nobody typed; it must be an address, a link or a root`,
  );
}
