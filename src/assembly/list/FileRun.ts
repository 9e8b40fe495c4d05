import { catchError, concat, defer, EMPTY, filter, merge, type Observable, Subject, tap } from "rxjs";
import { type Account, emptyAccount } from "../../download/Account.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { FileEvent } from "../node/downloadFile.js";
import type { FileOutcome, ListedFile } from "./ListEvent.js";
import type { PlannedFile } from "./PlannedFile.js";

/** Fate of a file's bytes when the file is cancelled. */
export type OnCancel = "keep" | "remove";

/** One file of a list that runs: `waiting`, `running`, or how it ended. */
export class FileRun {
  readonly #planned: PlannedFile;
  readonly #stop = new Subject<OnCancel>();
  #listed: ListedFile;
  #state: "waiting" | "running" | FileOutcome = "waiting";
  #done = 0;
  #received = 0;
  /** Bytes of earlier tries that came over the wire. */
  #receivedBefore = 0;

  constructor(file: number, planned: PlannedFile) {
    const { name, size } = planned;
    this.#planned = planned;
    this.#listed = { file, ...(name !== undefined && { name }), ...(size !== undefined && { size }) };
  }

  get listed(): ListedFile {
    return this.#listed;
  }

  get state(): "waiting" | "running" | FileOutcome["status"] {
    return typeof this.#state === "string" ? this.#state : this.#state.status;
  }

  get outcome(): FileOutcome | undefined {
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

  /** Events of its download, which runs until it ends or `pause` emits; its failure is no error here. Nothing where it does not wait. */
  download(pause: Observable<unknown>): Observable<FileEvent> {
    return defer(() => {
      if (this.#state !== "waiting") return EMPTY;
      this.#state = "running";
      this.#receivedBefore += this.#received;
      this.#received = 0;
      let last: FileEvent | undefined;
      let cancelled = false;
      let failure: DownloadError | undefined;
      const stop = this.#stop.pipe(tap(() => (cancelled = true)));
      const signals = {
        pauseWhen: merge(pause, stop.pipe(filter((what) => what === "keep"))),
        discardWhen: stop.pipe(filter((what) => what === "remove")),
      };
      const events = defer(() => this.#planned.run(signals)).pipe(
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

  /** A file that waits ends at once, as paused or as cancelled. */
  skip(status: "paused" | "cancelled"): void {
    const why = status === "paused" ? { status } : { status, removed: false };
    this.#state = { ...this.#listed, ...why, account: emptyAccount };
  }

  /** A file that runs is stopped, and ends soon. */
  stop(what: OnCancel): void {
    this.#stop.next(what);
  }

  /** A file that has ended, but is not here, waits again. */
  again(): void {
    this.#state = "waiting";
  }

  #ended(last: FileEvent | undefined, error: DownloadError | undefined, isCancelled: boolean): FileOutcome {
    const account: Account = last !== undefined && "account" in last ? last.account : emptyAccount;
    if (error !== undefined) return { ...this.#listed, status: "failed", error, account };
    if (last?.type === "download-completed") return { ...this.#listed, status: "completed", account, path: last.path };
    if (!isCancelled) return { ...this.#listed, status: "paused", account };
    const removed = last?.type === "download-paused" && last.removed === true;
    if (removed) this.#done = 0;
    return { ...this.#listed, status: "cancelled", account, removed };
  }

  #book(event: FileEvent): void {
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
