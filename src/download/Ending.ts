import type { MonoTypeOperatorFunction, Observable } from "rxjs";
import { catchError, concat, defer, EMPTY, map, of, throwError } from "rxjs";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { RunOutcome } from "../storage/Totals.js";
import { uninterruptible } from "../storage/uninterruptible.js";
import type { DownloadParts } from "./DownloadConfig.js";
import type { DownloadEvent } from "./DownloadEvent.js";
import type { DownloadRun, RunTools } from "./DownloadRun.js";
import type { Recorder } from "./Recorder.js";
import { isResumable } from "./resumable.js";

/**
 * The end of a run: completed, paused or failed, each saved before it is told; the catalogue gets what was learned then. A run that is left before
 * its end was told does the same behind the back of whoever left: see `behind`.
 */
export class Ending {
  readonly #tools: RunTools;
  readonly #finished: Observable<DownloadEvent>;
  readonly #saved: Observable<DownloadEvent>;
  /** The run that has begun; `undefined` before, when there is nothing to save. */
  #begun: { readonly run: DownloadRun; readonly recorder: Recorder } | undefined;
  #outcome: RunOutcome = "paused";
  #lastWork: Observable<DownloadEvent> | undefined;
  #isTold = false;

  constructor({ sink, progress: store }: Pick<DownloadParts, "sink" | "progress">, tools: RunTools) {
    this.#tools = tools;
    const learned = defer(() => this.#begun?.recorder.recordRun(this.#outcome) ?? EMPTY).pipe(
      map((message) => this.#notice(message)),
      this.#noticed("What was learned of the peers could not be kept"),
    );
    // Once the file has its name, what is left of its progress harms nobody.
    const tidied = concat(store.clear(), sink.close()).pipe(this.#noticed("The saved progress could not be removed"));
    this.#finished = uninterruptible(concat(sink.finish(), tidied, learned));
    const saved = defer(() => this.#begun?.recorder.save(true) ?? EMPTY);
    this.#saved = uninterruptible(saved.pipe(followedBy(sink.close()), followedBy(learned)));
  }

  begun(run: DownloadRun, recorder: Recorder): void {
    this.#begun = { run, recorder };
  }

  /** Gives the file its name. Errors with `LOCAL_IO` or `TARGET_EXISTS`, which is one for `failed`. */
  completed(): Observable<DownloadEvent> {
    return defer(() => {
      this.#lastWork = this.#finished;
      this.#outcome = "completed";
      this.#tools.ledger.completed();
      return concat(this.#finished, this.#told("download-completed"));
    });
  }

  paused(): Observable<DownloadEvent> {
    return concat(this.#saved, this.#sound(), this.#told("download-paused"));
  }

  /** Tells of the failure, and errors with it. */
  failed(thrown: unknown): Observable<DownloadEvent> {
    const error = toDownloadError(thrown);
    const { code, message } = error;
    this.#lastWork = this.#saved;
    this.#outcome = code;
    return concat(
      this.#saved.pipe(this.#noticed("The progress could not be saved")),
      defer(() => {
        const { failedChunks } = this.#tools.ledger;
        return this.#told("download-failed", { code, message, failedChunks, resumable: isResumable(code) });
      }),
      throwError(() => error),
    );
  }

  /** Work that is left when somebody leaves now, if any. Errors with what could not be saved. */
  get behind(): Observable<DownloadEvent> | undefined {
    if (this.#isTold) return undefined;
    return this.#lastWork ?? concat(this.#saved, this.#sound());
  }

  /** Bytes that could not be written are claimed by no record; whoever left them hears of it all the same. */
  #sound(): Observable<never> {
    return defer(() => this.#begun?.run.progress.sound() ?? EMPTY);
  }

  #told(type: DownloadEvent["type"], more: object = {}): Observable<DownloadEvent> {
    return defer(() => {
      this.#isTold = true;
      const { clock, ledger } = this.#tools;
      return of({ type, at: clock.now(), account: ledger.account(), ...more } as DownloadEvent);
    });
  }

  #notice(message: string): DownloadEvent {
    return { type: "notice", at: this.#tools.clock.now(), message };
  }

  /** Goes on after what went wrong at the very end, where nothing can be mended any more, but tells of it. */
  #noticed(what: string): MonoTypeOperatorFunction<DownloadEvent> {
    return catchError((why: unknown) => of(this.#notice(`${what}: ${toDownloadError(why).message}`)));
  }
}

/** Does `then` after the source, also after its error, which goes on behind it. */
function followedBy<T>(then: Observable<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    concat(
      source.pipe(
        catchError((error: unknown) =>
          concat(
            then,
            throwError(() => error),
          ),
        ),
      ),
      then,
    );
}
