import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  identity,
  type MonoTypeOperatorFunction,
  type Observable,
  throwError,
} from "rxjs";
import { checkShape } from "../../../operators/checkOptions.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { FileEvent } from "../node/downloadFile.js";
import type { ListEvent } from "./ListEvent.js";
import { ListRun, type ListRunConfig } from "./ListRun.js";
import type { PlannedEntry } from "./PlannedEntry.js";

export interface DownloadListConfig<Event extends DownloadEvent = FileEvent> extends ListRunConfig {
  /** Stands around each run. @default nothing does */
  readonly around?: MonoTypeOperatorFunction<ListEvent<Event>>;
}

/** Many downloads, so many at a time, with one total. Made by `downloadAll`. */
export class DownloadList<Event extends DownloadEvent = FileEvent> {
  readonly #entries: readonly PlannedEntry<Event>[];
  readonly #config: DownloadListConfig<Event>;
  #run: ListRun<Event> | undefined;

  /** @internal */
  constructor(entries: readonly PlannedEntry<Event>[], config: DownloadListConfig<Event>) {
    this.#entries = entries;
    this.#config = config;
  }

  /**
   * Events of the list. Nothing happens before a subscription, and each one runs the whole list: what is here already is passed over, what is begun is taken
   * up. One subscription at a time, another one ends with `LOCKED`: share it. No failure of a file or of a Metalink is an error, also not one that names
   * several files where there is one name or one mirror for them all; the last event is `list-ended`, with the outcome of each. Unsubscribing stops all at once
   * and saves behind.
   */
  readonly events: Observable<ListEvent<Event>> = defer(() => {
    if (this.#run !== undefined)
      throw new DownloadError("LOCKED", "this list runs already; share its events, as with pipe(share())");
    const run = new ListRun<Event>(this.#entries, this.#config);
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
   * Pauses one file, by its number, and saves what is here of it; `retry` puts it in line again. A file that has ended stays as it is.
   *
   * @throws RangeError when there is no such file; nothing runs without a subscription.
   */
  pause(file: number): void {
    this.#runOf(file).pause(file);
  }

  /**
   * Puts a file in line again that has failed, or was cancelled or paused, while the list runs; a Metalink that could not be read is read again.
   *
   * @throws RangeError when there is no such file; nothing runs without a subscription.
   */
  retry(file: number): void {
    this.#runOf(file).retry(file);
  }

  #runOf(file: number): ListRun<Event> {
    const files = this.#run?.size ?? 0;
    if (this.#run?.has(file)) return this.#run;
    const text = this.#run === undefined ? "nobody is subscribed to the list" : `the list has ${files} files so far`;
    throw new RangeError(`file is ${file}, and ${text}; it must be the number of a file, from 0`);
  }
}
