import {
  catchError,
  EMPTY,
  finalize,
  firstValueFrom,
  merge,
  type Observable,
  Subject,
  switchMap,
  tap,
  throttleTime,
} from "rxjs";
import {
  type AnswerTo,
  type ControlAsk,
  type ControlConnection,
  type DownloadRow,
  type ManagerSettings,
  type ManagerTotal,
  type WatchedDetail,
  WatchedDownloads,
} from "../../src/page.js";
import { reconnecting, type Way } from "./reconnecting.js";

/** Shortest time between two pictures of what was heard, ms: an eye reads no faster, and each costs as much as all that is heard meanwhile. */
const showEveryMs = 250;

const noConnection = "There is no connection to the daemon right now; try again in a moment.";
const isOver = "The command whose downloads these are has ended; run it again to go on.";

/** One download that is looked at. `changes` counts what came, because a detail is folded in place. */
export interface Looked extends WatchedDetail {
  readonly changes: number;
}

/** The daemon as the page sees it: a fold of what it says, the way to it, and a voice. */
export class Daemon {
  way = $state.raw<Way>({ state: "opening" });
  rows = $state.raw<readonly DownloadRow[]>([]);
  total = $state.raw<ManagerTotal>({ bytesPerSecond: 0, counts: {} });
  settings = $state.raw<ManagerSettings | undefined>(undefined);
  /** A matter of the last wish that is no trouble, for the whole page to tell. */
  note = $state<string | undefined>(undefined);
  /** The download that is looked at; nothing before the first word of it. */
  looked = $state.raw<Looked | undefined>(undefined);
  /** What went wrong with the last wish, for the whole page to tell. */
  trouble = $state<string | undefined>(undefined);
  #download: number | undefined;
  #connection: ControlConnection | undefined;
  readonly #turned = new Subject<void>();

  /** True when it was a command's, which has ended: nothing can be wished for any more. */
  get isOver(): boolean {
    return this.way.state === "over";
  }

  /** Listens for as long as it is wanted; the result ends it. */
  run(): () => void {
    const listening = reconnecting(
      (connection) => this.#hear(connection),
      (way) => (this.way = way),
    ).subscribe();
    return () => listening.unsubscribe();
  }

  /** Looks at one download, or at none. */
  look(download: number | undefined): void {
    if (download === this.#download) return;
    this.#download = download;
    this.looked = undefined;
    this.#turned.next();
  }

  /** Asks the daemon for something; what goes wrong is told in `trouble`, and gives nothing. */
  async ask<const Ask extends ControlAsk>(request: Ask): Promise<AnswerTo<Ask["type"]> | undefined> {
    this.dismiss();
    return this.request(request).catch((error: unknown) => {
      this.trouble = wordsOf(error);
      return undefined;
    });
  }

  /** Takes back what was told. */
  dismiss(): void {
    this.trouble = undefined;
    this.note = undefined;
  }

  /** Asks the daemon for something, for a caller who tells in a place of its own what goes wrong: errors with it. */
  async request<const Ask extends ControlAsk>(request: Ask): Promise<AnswerTo<Ask["type"]>> {
    if (this.#connection === undefined) throw new Error(this.isOver ? isOver : noConnection);
    return firstValueFrom(this.#connection.ask(request));
  }

  #hear(connection: ControlConnection): Observable<unknown> {
    this.#connection = connection;
    if (this.trouble === noConnection) this.trouble = undefined;
    const watched = new WatchedDownloads();
    let isBehind = false;
    const show = (): void => {
      if (isBehind) this.#show(watched);
      isBehind = false;
    };
    const heard = connection.updates.pipe(
      tap((update) => {
        watched.fold(update);
        isBehind = true;
      }),
      throttleTime(showEveryMs, undefined, { leading: true, trailing: true }),
      tap(show),
      // The last word before the end is no less than the others.
      finalize(show),
    );
    const watches = this.#turned.pipe(switchMap(() => this.#watch(connection)));
    return merge(heard, watches, this.#watch(connection)).pipe(finalize(() => (this.#connection = undefined)));
  }

  #watch(connection: ControlConnection): Observable<unknown> {
    const details = this.#download === undefined ? [] : [this.#download];
    return connection.ask({ type: "watch", list: true, details }).pipe(
      // A download that is gone, as an old address may name it.
      catchError((error: unknown) => {
        if (!(error instanceof RangeError)) throw error;
        this.trouble = error.message;
        return EMPTY;
      }),
    );
  }

  #show(watched: WatchedDownloads): void {
    this.rows = watched.rows;
    this.total = watched.total;
    this.settings = watched.settings;
    const detail = this.#download === undefined ? undefined : watched.detail(this.#download);
    this.looked = detail && { ...detail, changes: (this.looked?.changes ?? 0) + 1 };
  }
}

/** What went wrong, in words for people. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
