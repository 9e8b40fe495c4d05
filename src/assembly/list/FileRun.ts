import { catchError, concat, defer, EMPTY, filter, merge, type Observable, Subject, takeUntil, tap } from "rxjs";
import { type Account, emptyAccount } from "../../download/Account.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { DownloadEvent, DownloadEventOf } from "../../download/DownloadEvent.js";
import type { FileEvent } from "../node/downloadFile.js";
import type { FileOutcome, ListedFile, ResultOf } from "./ListEvent.js";
import type { PlannedFile } from "./PlannedFile.js";

type State<Event extends DownloadEvent> = "waiting" | "reading" | "running" | FileOutcome<Event>;

/** Fate of a file's bytes when the file is cancelled. */
export type OnCancel = "keep" | "remove";

/** Place of a file among those that wait: the lowest rank is first, and in a rank the lowest order. */
export interface Standing {
  readonly rank: number;
  readonly order: number;
}

/** One file of a list that runs: `waiting`, `reading` while its Metalink is read, `running`, or how it ended. */
export class FileRun<Event extends DownloadEvent = FileEvent> {
  readonly #stop = new Subject<OnCancel | "pause">();
  readonly #skipped = new Subject<void>();
  #planned: PlannedFile<Event> | undefined;
  #listed: ListedFile;
  #state: State<Event> = "waiting";
  #done = 0;
  #received = 0;
  /** Bytes of earlier tries that came over the wire. */
  #receivedBefore = 0;
  /** Place in line that somebody chose; without one, files take their turns as they came. */
  standing: Standing | undefined;

  /** Run of a file whose download is planned before it begins. */
  constructor(listed: ListedFile, standing?: Standing) {
    this.#listed = listed;
    this.standing = standing;
  }

  get listed(): ListedFile {
    return this.#listed;
  }

  get isPlanned(): boolean {
    return this.#planned !== undefined;
  }

  get state(): "waiting" | "reading" | "running" | FileOutcome["status"] {
    return typeof this.#state === "string" ? this.#state : this.#state.status;
  }

  get outcome(): FileOutcome<Event> | undefined {
    return typeof this.#state === "string" ? undefined : this.#state;
  }

  /** Bytes that are here. */
  get done(): number {
    return this.#done;
  }

  /** Bytes that came over the wire, in all tries. */
  get received(): number {
    return this.#receivedBefore + this.#received;
  }

  /** Takes in what its download is; a file whose Metalink was read waits again. */
  plan(planned: PlannedFile<Event>): void {
    const { name, size } = planned;
    this.#planned = planned;
    this.#listed = { ...this.#listed, ...(name !== undefined && { name }), ...(size !== undefined && { size }) };
    this.#state = "waiting";
  }

  /** The reading of its Metalink, as long as nobody skips the file. Nothing where it does not wait for that. */
  reads<T>(reading: Observable<T>): Observable<T> {
    return defer(() => {
      if (this.#state !== "waiting" || this.isPlanned) return EMPTY;
      this.#state = "reading";
      return reading.pipe(takeUntil(this.#skipped));
    });
  }

  /** Events of its download, which runs until it ends or `pause` emits; its failure is no error here. Nothing where it does not wait. */
  download(pause: Observable<unknown>): Observable<Event> {
    return defer(() => {
      const planned = this.#planned;
      if (this.#state !== "waiting" || planned === undefined) return EMPTY;
      this.#state = "running";
      this.#receivedBefore += this.#received;
      this.#received = 0;
      let last: Event | undefined;
      let cancelled = false;
      let failure: DownloadError | undefined;
      const stop = this.#stop.pipe(tap((what) => (cancelled ||= what !== "pause")));
      const signals = {
        pauseWhen: merge(pause, stop.pipe(filter((what) => what !== "remove"))),
        discardWhen: stop.pipe(filter((what) => what === "remove")),
      };
      const events = defer(() => planned.run(signals)).pipe(
        tap((event) => {
          last = event;
          this.#book(event);
        }),
        catchError((error: unknown) => {
          failure = toDownloadError(error);
          return EMPTY;
        }),
      );
      const end = defer(() => {
        this.#state = this.#ended(last, failure, cancelled);
        return EMPTY;
      });
      return concat(events, end);
    });
  }

  /** A file that has not begun ends at once, as paused or as cancelled. */
  skip(status: "paused" | "cancelled"): void {
    const why = status === "paused" ? { status } : { status, removed: false };
    this.#state = { ...this.#listed, ...why, account: emptyAccount };
    this.#skipped.next();
  }

  /** A file of which nothing can be known ends at once. */
  fail(error: DownloadError): void {
    this.#state = this.#ended(undefined, error, false);
  }

  /** A file that runs is stopped, and ends soon; a wish to cancel or to remove it counts until it has. */
  stop(what: OnCancel | "pause"): void {
    this.#stop.next(what);
  }

  /** A file that has ended, but is not here, waits again. */
  again(): void {
    this.#state = "waiting";
  }

  /** The file lets go of its path. */
  leave(): void {
    this.#planned?.leave?.();
  }

  #ended(last: Event | undefined, error: DownloadError | undefined, isCancelled: boolean): FileOutcome<Event> {
    const account: Account = last !== undefined && "account" in last ? last.account : emptyAccount;
    if (error !== undefined) return { ...this.#listed, status: "failed", error, account };
    if (last?.type === "download-completed") {
      // Of some files nobody tells the size before they are here.
      this.#listed = { size: account.size, ...this.#listed };
      return { ...this.#listed, status: "completed", account, ...resultOf<Event>(last) };
    }
    if (!isCancelled) return { ...this.#listed, status: "paused", account };
    const removed = last?.type === "download-paused" && last.removed === true;
    if (removed) this.#done = 0;
    return { ...this.#listed, status: "cancelled", account, removed };
  }

  #book(event: DownloadEvent): void {
    if (event.type === "download-started") {
      const { name, size } = event.manifest;
      this.#listed = { ...this.#listed, name, size };
      this.#done = event.resumedBytes;
    }
    const figures = event.type === "progress" ? event : "account" in event ? event.account : undefined;
    if (figures === undefined) return;
    this.#done = figures.done;
    this.#received = figures.received;
  }
}

/** Fields of a last event beside those that it has in every download. */
function resultOf<Event extends DownloadEvent>(last: DownloadEventOf<"download-completed">): ResultOf<Event> {
  const { type: _, at: __, account: ___, ...result } = last;
  return result as ResultOf<Event>;
}
