import type { ObservableInput, SchedulerLike, Subscriber } from "rxjs";
import { from, Observable, Subscription } from "rxjs";
import type { Complete } from "./checkOptions.js";

export interface PersistProgressConfig<S, R> {
  /** Saves a state, which is saved when the result completes. */
  readonly save: (state: S) => ObservableInput<R>;
  /** The longest that a state may wait for its save, in milliseconds. */
  readonly everyMs: number;
  /** The least time between the starts of two saves, in milliseconds; only the last save does without. @default 0 */
  readonly minGapMs?: number | undefined;
  /** Tells whether a state is worth a save before `everyMs` are over; `saved` is the last saved one. @default () => false */
  readonly worthSaving?: ((state: S, saved: S | undefined) => boolean) | undefined;
  /** The clock and the timers. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A state that waits for its save. */
interface Unsaved<S> {
  readonly state: S;
  readonly since: number;
  isWorth: boolean;
}

/** How the source ended. */
type End = { readonly error?: unknown };

/**
 * One subscription of `persistProgress`: at most one state waits, and at most one save runs. Every change ends in `#decide`, which starts the
 * save that is due, sets the timer for the next, or ends the result.
 */
export class ProgressSaver<S, R> {
  readonly #config: Complete<PersistProgressConfig<S, R>>;
  readonly #result: Subscriber<R>;
  #unsaved: Unsaved<S> | undefined;
  #saved: S | undefined;
  #startedAt = -Infinity;
  #isSaving = false;
  #isDeciding = false;
  #timer = Subscription.EMPTY;
  #end: End | undefined;

  constructor(config: Complete<PersistProgressConfig<S, R>>, result: Subscriber<R>) {
    this.#config = config;
    this.#result = result;
  }

  start(source: Observable<S>): void {
    this.#result.add(() => this.#timer.unsubscribe());
    new Observable<S>((states) => {
      this.#result.add(states); // now: a source without end may run before `subscribe` returns
      source.subscribe(states);
    })
      .subscribe({
        next: (state) => this.#receive(state),
        error: (error: unknown) => (this.#end = { error }),
        complete: () => (this.#end = {}),
      })
      // After the teardown, so that nothing of the source goes on while its last state is saved.
      .add(() => {
        if (this.#end !== undefined) this.#decide();
      });
  }

  #receive(state: S): void {
    const before = this.#unsaved;
    const since = before?.since ?? this.#config.scheduler.now();
    this.#unsaved = { state, since, isWorth: before?.isWorth ?? false };
    if (this.#isSaving) return; // what it is worth shows when that save has ended
    this.#unsaved.isWorth ||= this.#isWorth(state);
    if (before?.isWorth !== this.#unsaved.isWorth) this.#decide();
  }

  #isWorth(state: S): boolean {
    try {
      return this.#config.worthSaving(state, this.#saved);
    } catch (error) {
      this.#result.error(error);
      return false;
    }
  }

  /** A loop, for saves that end synchronously. */
  #decide(isDue = false): void {
    if (this.#isDeciding) return;
    this.#isDeciding = true;
    this.#timer.unsubscribe();
    let mustSave = isDue;
    while (this.#unsaved !== undefined && !this.#isSaving && !this.#result.closed) {
      const waitMs = mustSave || this.#end !== undefined ? 0 : this.#untilDueMs(this.#unsaved);
      if (waitMs > 0) {
        this.#timer = this.#config.scheduler.schedule(() => this.#decide(true), waitMs);
        break;
      }
      mustSave = false;
      this.#save(this.#unsaved.state);
    }
    this.#isDeciding = false;
    if (this.#end === undefined || this.#isSaving) return;
    if ("error" in this.#end) this.#result.error(this.#end.error);
    else this.#result.complete();
  }

  #untilDueMs({ since, isWorth }: Unsaved<S>): number {
    const { scheduler, everyMs, minGapMs } = this.#config;
    const now = scheduler.now();
    const due = Math.max(isWorth ? now : since + everyMs, this.#startedAt + minGapMs);
    // No more than the longest wait there is, for a wall clock that was set back.
    return Math.min(due - now, Math.max(everyMs, minGapMs));
  }

  #save(state: S): void {
    let isComplete = false;
    this.#unsaved = undefined;
    this.#startedAt = this.#config.scheduler.now();
    this.#isSaving = true;
    new Observable<R>((save) => {
      this.#result.add(save);
      from(this.#config.save(state)).subscribe(save);
    })
      .subscribe({
        next: (value) => this.#result.next(value),
        error: (error: unknown) =>
          this.#result.error(this.#end === undefined ? error : withSuppressed(this.#end, error)),
        complete: () => (isComplete = true),
      })
      // After the teardown, so that no two saves are ever open.
      .add(() => {
        this.#isSaving = false;
        if (isComplete) this.#wasSaved(state);
      });
  }

  #wasSaved(state: S): void {
    this.#saved = state;
    if (this.#unsaved !== undefined) this.#unsaved.isWorth = this.#isWorth(this.#unsaved.state);
    this.#decide();
  }
}

/** The error with which the source ended, if it did, else that of the save; no error is lost. */
function withSuppressed(end: End, saveError: unknown): unknown {
  if (!("error" in end) || end.error === saveError) return saveError;
  const { error } = end;
  if (!(error instanceof Error) || "suppressed" in error || !Object.isExtensible(error))
    return new AggregateError([error, saveError], String(error));
  return Object.defineProperty(error, "suppressed", { value: saveError, configurable: true, writable: true });
}
