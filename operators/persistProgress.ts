import type { OperatorFunction } from "rxjs";
import { asyncScheduler, Observable } from "rxjs";
import { checkOptions, checkShape, type OptionShapes } from "./checkOptions.js";
import { longestDelayMs } from "./defaults.js";
import { aFunction, anyNumber, aScheduler } from "./optionShapes.js";
import type { PersistProgressConfig } from "./ProgressSaver.js";
import { ProgressSaver } from "./ProgressSaver.js";
import { requireBetween } from "./requireBetween.js";

const shapes: OptionShapes<PersistProgressConfig<unknown, unknown>> = {
  save: aFunction,
  everyMs: anyNumber,
  minGapMs: anyNumber,
  worthSaving: aFunction,
  scheduler: aScheduler,
};

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
  checkOptions("persistProgress", config, shapes);
  checkShape("save", config.save, aFunction);
  const { save, everyMs, minGapMs = 0, worthSaving = () => false, scheduler = asyncScheduler } = config;
  requireBetween("everyMs", everyMs, 0, longestDelayMs);
  requireBetween("minGapMs", minGapMs, 0, longestDelayMs);
  const complete = { save, everyMs, minGapMs, worthSaving, scheduler };
  return (source) => new Observable((result) => new ProgressSaver(complete, result).start(source));
}
