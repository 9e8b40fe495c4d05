import { asyncScheduler, defer, finalize, Observable, Subject, Subscription, takeUntil } from "rxjs";
import type { ObservableInput, OperatorFunction, SchedulerLike } from "rxjs";
import { longestDelayMs } from "./defaults.js";
import { requireBetween } from "./requireBetween.js";

export interface PersistProgressConfig<S, R> {
  /** Saves a state; it is saved when this completes. */
  readonly save: (state: S) => ObservableInput<R>;
  /** How long a state may wait for its save, in milliseconds. */
  readonly everyMs: number;
  /** The least time between the starts of two saves, in milliseconds; only the last save does without. @default 0 */
  readonly minGapMs?: number;
  /** Tells whether a state is worth a save before `everyMs` are over; `saved` is the last saved one. @default () => false */
  readonly worthSaving?: (state: S, saved: S | undefined) => boolean;
  /** Where time comes from. @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * Saves the latest state now and then: never two saves at once, and none of a state that a newer one has replaced. Emits what the
 * saves emit.
 *
 *     source     a-b-c--------d---|
 *     save(x)    --X|
 *     result     -------C---------D|      everyMs 5: c at 5, d at the end of the source
 *
 * A state that came during a save waits until that has ended. When the source completes, the last unsaved state is saved at once,
 * and then the result completes. When the source errors, it is saved too, and then the result errors with the source's error; if
 * that save fails as well, the source's error still wins and has the save's error as `suppressed` (`cause` would claim that it was
 * the reason); an error that cannot take it is wrapped, with it, in an `AggregateError`.
 *
 * Errors at once when a save or `worthSaving` does. Unsubscribing stops the source, the timer and a running save at once, and saves
 * nothing.
 */
export function persistProgress<S, R>(config: PersistProgressConfig<S, R>): OperatorFunction<S, R> {
  const { save, everyMs, minGapMs = 0, worthSaving = () => false, scheduler = asyncScheduler } = config;
  requireBetween("everyMs", everyMs, 0, longestDelayMs);
  requireBetween("minGapMs", minGapMs, 0, longestDelayMs);

  return (source) =>
    new Observable((subscriber) => {
      // The source and the saves may run synchronously, and have no subscription then that could be ended.
      const stopped = new Subject<void>();
      let unsaved: Unsaved<S> | undefined;
      let saved: S | undefined;
      let startedAt = -Infinity;
      let saving = false;
      let deciding = false;
      let timer = Subscription.EMPTY;
      let end: End | undefined;

      const isWorth = (state: S): boolean => {
        try {
          return worthSaving(state, saved);
        } catch (error) {
          subscriber.error(error);
          return false;
        }
      };

      const receive = (state: S): void => {
        const before = unsaved;
        unsaved = { state, since: before?.since ?? scheduler.now(), worth: before?.worth ?? false };
        if (saving) return; // what it is worth shows when that save has ended
        unsaved.worth ||= isWorth(state);
        if (before?.worth !== unsaved.worth) decide();
      };

      const start = (state: S): void => {
        let complete = false;
        unsaved = undefined;
        startedAt = scheduler.now();
        saving = true;
        defer(() => save(state))
          .pipe(
            // After the teardown, so that no two saves are ever open.
            finalize(() => {
              saving = false;
              if (!complete) return;
              saved = state;
              if (unsaved !== undefined) unsaved.worth = isWorth(unsaved.state);
              decide();
            }),
            takeUntil(stopped),
          )
          .subscribe({
            next: (value) => subscriber.next(value),
            error: (error: unknown) => subscriber.error(end === undefined ? error : withSuppressed(end, error)),
            complete: () => (complete = true),
          });
      };

      const untilDueMs = ({ since, worth }: Unsaved<S>): number => {
        const now = scheduler.now();
        const due = Math.max(worth ? now : since + everyMs, startedAt + minGapMs);
        // No more than the longest wait there is, for a wall clock that was set back.
        return Math.min(due - now, Math.max(everyMs, minGapMs));
      };

      /** Starts the save that is due, or sets the timer for it; a loop, for saves that end synchronously. */
      const decide = (isDue = false): void => {
        if (deciding) return;
        deciding = true;
        timer.unsubscribe();
        while (unsaved !== undefined && !saving && !subscriber.closed) {
          const waitMs = isDue || end !== undefined ? 0 : untilDueMs(unsaved);
          if (waitMs > 0) {
            timer = scheduler.schedule(() => decide(true), waitMs);
            break;
          }
          isDue = false;
          start(unsaved.state);
        }
        deciding = false;
        if (end === undefined || saving) return;
        if ("error" in end) subscriber.error(end.error);
        else subscriber.complete();
      };

      subscriber.add(() => {
        stopped.next();
        timer.unsubscribe();
      });
      source
        .pipe(
          takeUntil(stopped),
          // After the teardown, so that nothing of the source goes on while its last state is saved.
          finalize(() => {
            if (end !== undefined) decide();
          }),
        )
        .subscribe({
          next: receive,
          error: (error: unknown) => (end = { error }),
          complete: () => (end = {}),
        });
    });
}

interface Unsaved<S> {
  readonly state: S;
  readonly since: number;
  worth: boolean;
}

/** How the source ended. */
type End = { readonly error?: unknown };

/** The error with which the source ended, if it did, else that of the save; no error is lost. */
function withSuppressed(end: End, saveError: unknown): unknown {
  if (!("error" in end) || end.error === saveError) return saveError;
  const { error } = end;
  if (!(error instanceof Error) || "suppressed" in error || !Object.isExtensible(error))
    return new AggregateError([error, saveError], String(error));
  return Object.defineProperty(error, "suppressed", { value: saveError, configurable: true, writable: true });
}
